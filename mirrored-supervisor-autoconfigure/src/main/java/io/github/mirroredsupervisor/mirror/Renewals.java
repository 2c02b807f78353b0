package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The renew thread (protocol rules 1 to 3): renews the lease and observes the others, and does nothing else. No failure ends it.
 */
final class Renewals implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Renewals.class);

    private final RenewalSession session;
    private final Duration interval;
    private final Duration lease;
    private final Outcomes outcomes;

    private volatile boolean running = true;

    /** Written by the renew thread only. */
    private int failures;

    Renewals(RenewalSession session, PeerSettings settings, Outcomes outcomes) {
        this.session = session;
        this.interval = settings.renewInterval();
        this.lease = settings.lease();
        this.outcomes = outcomes;
    }

    /** What the thread tells its peer. Called on it: return at once. */
    interface Outcomes {

        /** The joined incarnation to renew for, or null: then it is asked again an interval later. */
        @Nullable
        Incarnation toRenew();

        /** A confirmed renewal; the permission is extended already. */
        void renewed(Incarnation me, Renewal renewal, long sentAt, long repliedAt, boolean late);

        void failed(Incarnation me);

        /** The database says that this incarnation is not alive any more. */
        void expelled(Incarnation me);
    }

    @Override
    public void run() {
        while (running) {
            long startedAt = System.nanoTime();
            Duration pause;
            try {
                Incarnation me = outcomes.toRenew();
                pause = me == null ? interval : renewOnce(me);
            } catch (Throwable e) {
                Threads.say(() -> log.error("A renewal failed in an unforeseen way; the next one is tried in time", e));
                pause = interval;
            }
            parkUntil(startedAt + pause.toNanos());
        }
        session.close();
    }

    /** Returns the pause from the sending of this renewal to that of the next. */
    private Duration renewOnce(Incarnation me) {
        long sentAt = System.nanoTime();
        try {
            Renewal renewal = session.renew(me.id());
            long repliedAt = System.nanoTime();
            recovered();
            if (!renewal.renewed()) {
                outcomes.expelled(me);
                return interval;
            }
            boolean late = repliedAt - sentAt > interval.toNanos() || wasSuspended(me, repliedAt);
            me.permission().extend(sentAt, repliedAt);
            outcomes.renewed(me, renewal, sentAt, repliedAt, late);
            return Pacing.next(interval, renewal.peers(), renewal.joinOrder());
        } catch (StoreUnavailableException e) {
            failed(me, e);
            return pauseAfterFailure(me);
        }
    }

    /** A permission that was there and has run out: this peer's own observations are old (protocol rule 3). */
    private static boolean wasSuspended(Incarnation me, long now) {
        return me.permission().deadline() != null && !me.permission().valid(now);
    }

    private void failed(Incarnation me, StoreUnavailableException e) {
        failures++;
        if (failures == 2) { // one failure is what a closed connection looks like
            log.warn(
                    "The lease cannot be renewed; children stop in {} ms unless the database answers: {}",
                    me.permission().headroom(System.nanoTime()).toMillis(),
                    e.getMessage());
        }
        outcomes.failed(me);
    }

    private void recovered() {
        if (failures > 1) {
            log.info("The lease is renewed again after {} failed attempts", failures);
        }
        failures = 0;
    }

    /** At once after a first failure; then every interval; when the permission is gone, ever less often up to once a lease. */
    private Duration pauseAfterFailure(Incarnation me) {
        if (failures == 1) {
            return Duration.ZERO;
        }
        if (me.permission().valid(System.nanoTime())) {
            return interval;
        }
        Duration longer = interval.multipliedBy(Math.min(failures, 1000)).dividedBy(4);
        return longer.compareTo(interval) < 0 ? interval : longer.compareTo(lease) > 0 ? lease : longer;
    }

    private void parkUntil(long time) {
        for (long left = time - System.nanoTime(); running && left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(this, Math.min(left, TimeUnit.HOURS.toNanos(1)));
            Thread.interrupted();
        }
    }

    void stop(Thread thread) {
        running = false;
        LockSupport.unpark(thread);
    }
}
