package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.internal.platform.Threads;
import io.github.mirroredsupervisor.internal.store.Renewal;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the lease and observes the others (protocol rules 1 to 3), on the renew thread, which does nothing else. No
 * failure ends it.
 */
public final class HeartbeatLoop {

    private static final Logger log = LoggerFactory.getLogger(HeartbeatLoop.class);

    private final RenewalSession session;
    private final Duration interval;
    private final Duration lease;
    private final Duration stopBound;
    private final Outcomes outcomes;
    private final Executor later;
    private final LongSupplier nanoTime;
    private final Recollection recollection = new Recollection();

    /** Written by the renew thread only. */
    private int failures;

    /** Whether the failures were spoken of. Renew thread only. */
    private boolean told;

    /** Written by the renew thread only. */
    private @Nullable ServerClock lastReading;

    /**
     * Nothing renewed yet.
     *
     * @param later logs: no renewal waits for an appender
     */
    public HeartbeatLoop(
            RenewalSession session, PeerSettings settings, Outcomes outcomes, Executor later, LongSupplier nanoTime) {
        this.later = later;
        this.session = session;
        this.interval = settings.renewInterval();
        this.lease = settings.lease();
        this.stopBound = settings.stopBound();
        this.outcomes = outcomes;
        this.nanoTime = nanoTime;
    }

    /** What the thread tells its peer. Called on it: return at once. */
    public interface Outcomes {

        /** The joined incarnation to renew for, or null: then it is asked again an interval later. */
        @Nullable
        Incarnation toRenew();

        /**
         * Before the permission is extended by this answer.
         *
         * @param wasAway whether the permission had ended since the last one
         */
        void answered(Renewal renewal, boolean wasAway);

        /** A confirmed renewal; the permission is extended already. */
        void renewed(Incarnation me, Renewal renewal, long sentAt, long repliedAt, boolean late);

        void failed(Incarnation me);

        /**
         * This machine stood still and did not see it: the permission lasted for longer than it seemed. What was
         * renewed since counts anew.
         */
        void suspended(Incarnation me, Duration unseen);

        /** The database says that this incarnation is not alive any more. */
        void expelled(Incarnation me);

        /** The database says something that contradicts what it has said before (protocol rule 11b). */
        void wentBack(Incarnation me, String contradiction);
    }

    /** Tries one renewal. Returns how many nanoseconds to wait before the next. */
    public long step() {
        long startedAt = nanoTime.getAsLong();
        Duration pause;
        try {
            Incarnation me = outcomes.toRenew();
            pause = me == null ? interval : renewOnce(me);
        } catch (Throwable e) {
            say(() -> log.error("A renewal failed in an unforeseen way; the next one is tried in time", e));
            pause = interval;
        }
        return pause.toNanos() - (nanoTime.getAsLong() - startedAt);
    }

    /** At the end. */
    public void close() {
        session.close();
    }

    /** Returns the pause from the sending of this renewal to that of the next. */
    private Duration renewOnce(Incarnation me) {
        long sentAt = nanoTime.getAsLong();
        try {
            Renewal renewal = me.permission().valid(sentAt) ? session.renew(me.id()) : session.comeBack(me.id());
            long repliedAt = nanoTime.getAsLong();
            recovered();
            String contradiction = recollection.contradiction(me.id(), renewal);
            if (contradiction != null) {
                outcomes.wentBack(me, contradiction);
                return interval;
            }
            if (!renewal.renewed()) {
                outcomes.expelled(me);
                return interval;
            }
            boolean stoodStill = stoodStill(me, ServerClock.of(renewal, sentAt, repliedAt));
            boolean wasAway = stoodStill || hasExpired(me, repliedAt);
            boolean late = wasAway || repliedAt - sentAt > interval.toNanos();
            outcomes.answered(renewal, wasAway);
            me.permission().extend(sentAt, repliedAt);
            outcomes.renewed(me, renewal, sentAt, repliedAt, late);
            return HeartbeatPace.next(interval, renewal.peers(), renewal.joinOrder());
        } catch (StoreException e) {
            failed(me, e);
            return pauseAfterFailure(me, e);
        }
    }

    /** A permission that was there and has run out: this peer's own observations are old (protocol rule 3). */
    private static boolean hasExpired(Incarnation me, long now) {
        return me.permission().deadline() != null && !me.permission().valid(now);
    }

    /**
     * By more than the margin between the permission of this peer and the patience of the others, which is the time
     * that children have to stop.
     */
    private boolean stoodStill(Incarnation me, ServerClock reading) {
        Duration unseen = reading.unseenSince(lastReading);
        lastReading = reading;
        boolean stoodStill = unseen.compareTo(stopBound) > 0;
        if (stoodStill && me.permission().valid(reading.repliedAt())) {
            outcomes.suspended(me, unseen);
        }
        return stoodStill;
    }

    private void failed(Incarnation me, StoreException e) {
        failures++;
        boolean refused = e instanceof StoreRefusedException;
        if (failures == 2
                || (refused && failures == 1)) { // one failure without an answer is what a closed connection looks like
            long headroom = me.permission().headroom(nanoTime.getAsLong()).toMillis();
            say(() -> log.warn(
                    "The lease cannot be renewed; children stop in {} ms unless the database {}: {}",
                    headroom,
                    refused ? "takes the renewal" : "answers",
                    e.getMessage()));
            told = true;
        }
        outcomes.failed(me);
    }

    private void recovered() {
        if (told) {
            int attempts = failures;
            say(() -> log.info("The lease is renewed again after {} failed attempts", attempts));
        }
        told = false;
        failures = 0;
    }

    private void say(Runnable message) {
        Threads.say(() -> later.execute(message));
    }

    /**
     * At once after a first failure without an answer; then every interval; when the permission is gone, ever less
     * often up to once a lease.
     */
    private Duration pauseAfterFailure(Incarnation me, StoreException e) {
        if (failures == 1) {
            return e instanceof StoreRefusedException ? interval : Duration.ZERO;
        }
        if (me.permission().valid(nanoTime.getAsLong())) {
            return interval;
        }
        Duration longer = interval.multipliedBy(Math.min(failures, 1000)).dividedBy(4);
        return longer.compareTo(interval) < 0 ? interval : longer.compareTo(lease) > 0 ? lease : longer;
    }
}
