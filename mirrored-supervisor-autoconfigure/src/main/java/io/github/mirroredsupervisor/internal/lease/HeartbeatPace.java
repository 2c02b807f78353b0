package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.internal.store.rows.Renewal.PeerBeat;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * When to renew next, or to try again. A peer renews shortly after its predecessor in the order of joining. It then
 * sees the predecessor's counter soon after each change, and detects its death up to one renewal interval sooner. Ages
 * are measured by the database's clock and are only a hint; an absurd age moves the next renewal by at most half an
 * interval.
 */
final class HeartbeatPace {

    /** The distance to the predecessor, as a fraction of the interval: more than the usual jitter of a renewal. */
    private static final int STEP_DIVISOR = 10;

    /** The longest pause between two attempts to come back, in quarters of an interval. */
    private static final int LONGEST_PAUSE = 8;

    private HeartbeatPace() {}

    /** The pause between sending the renewal that returned these beats and sending the next. */
    static Duration next(Duration interval, List<PeerBeat> peers, long myJoinOrder) {
        return peers.stream()
                .filter(p -> p.joinOrder() < myJoinOrder)
                .max(Comparator.comparingLong(PeerBeat::joinOrder))
                .map(PeerBeat::age)
                .map(age -> inStep(interval, age))
                .orElse(interval);
    }

    /**
     * The pause between two attempts of a peer whose permission has ended. It grows with the failures, so that a server
     * that is down has fewer attempts to answer than renewals, but only to half a lease: the first peer that comes back
     * begins to time the others, so the last one has less than a lease to connect and renew.
     */
    static Duration toComeBack(Duration interval, Duration lease, int failures) {
        Duration grown =
                interval.multipliedBy(Math.min(failures, LONGEST_PAUSE)).dividedBy(4);
        Duration most = lease.dividedBy(2);
        Duration bounded = grown.compareTo(most) < 0 ? grown : most;
        return bounded.compareTo(interval) < 0 ? interval : bounded;
    }

    private static Duration inStep(Duration interval, Duration age) {
        if (age.compareTo(interval.multipliedBy(2)) > 0) {
            return interval; // the predecessor itself is late
        }
        long nanos = interval.toNanos();
        long behind = age.toNanos() - nanos / STEP_DIVISOR;
        return behind < 0 ? interval : Duration.ofNanos(nanos - Math.min(behind, nanos / 2));
    }
}
