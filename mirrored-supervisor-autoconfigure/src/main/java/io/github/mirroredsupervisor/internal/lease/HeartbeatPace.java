package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.internal.store.Renewal.PeerBeat;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * When to renew next. A peer keeps step a little behind its predecessor in the order of joining, whose successor it is:
 * it then sees each counter soon after it changed, and detects a death up to one renewal interval sooner. The ages are
 * by the database's clock and only a hint; an absurd one moves the next renewal by at most half an interval.
 */
final class HeartbeatPace {

    /** How far behind the predecessor, as a fraction of the interval: more than the usual jitter of a renewal. */
    private static final int STEP_DIVISOR = 10;

    private HeartbeatPace() {}

    /** The pause from the sending of the renewal that brought these beats to the sending of the next. */
    static Duration next(Duration interval, List<PeerBeat> peers, long myJoinOrder) {
        return peers.stream()
                .filter(p -> p.joinOrder() < myJoinOrder)
                .max(Comparator.comparingLong(PeerBeat::joinOrder))
                .map(PeerBeat::age)
                .map(age -> inStep(interval, age))
                .orElse(interval);
    }

    private static Duration inStep(Duration interval, Duration age) {
        if (age.compareTo(interval.multipliedBy(2)) > 0) {
            return interval; // the predecessor is late itself
        }
        long nanos = interval.toNanos();
        long behind = age.toNanos() - nanos / STEP_DIVISOR;
        return behind < 0 ? interval : Duration.ofNanos(nanos - Math.min(behind, nanos / 2));
    }
}
