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
 * Renews the lease and observes the other peers (protocol rules 1 to 3). Runs on the renew thread, which does nothing
 * else. No failure ends the loop.
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

    /** Whether the failures were logged. Renew thread only. */
    private boolean told;

    /** Written by the renew thread only. */
    private @Nullable ServerClock lastReading;

    /**
     * Creates the loop; nothing is renewed yet.
     *
     * @param later runs the logging, so that no renewal waits for an appender
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

    /** Callbacks to the peer. They run on the renew thread and must return at once. */
    public interface Outcomes {

        /** The joined incarnation to renew for. If null, it is called again after one renew interval. */
        @Nullable
        Incarnation toRenew();

        /**
         * Called before this answer extends the permission.
         *
         * @param wasAway whether the permission had ended since the last answer
         */
        void answered(Renewal renewal, boolean wasAway);

        /** Called after a confirmed renewal has extended the permission. */
        void renewed(Incarnation me, Renewal renewal, long sentAt, long repliedAt, boolean late);

        void failed(Incarnation me);

        /**
         * This machine stood still without noticing, so the permission lasted longer than it should have. The renewal
         * just received counts as a new start.
         */
        void suspended(Incarnation me, Duration unseen);

        /** The database no longer lists this incarnation as alive. */
        void expelled(Incarnation me);

        /** The database's answer contradicts an earlier answer (protocol rule 11b). */
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

    /** Closes the connection. Called after the last step. */
    public void close() {
        session.close();
    }

    /** Returns the pause between sending this renewal and sending the next. */
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

    /** Whether an earlier permission has expired: this peer's observations are then outdated (protocol rule 3). */
    private static boolean hasExpired(Incarnation me, long now) {
        return me.permission().deadline() != null && !me.permission().valid(now);
    }

    /**
     * Whether this machine stood still for longer than the stop-bound, the margin between this peer's permission and
     * the patience of the other peers.
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
        if (failures == 2 || (refused && failures == 1)) { // a closed connection causes one failure without an answer
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
     * None after a first failure without an answer; then one interval. Once the permission has expired, the pause grows
     * up to one lease.
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
