package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.internal.platform.Threads;
import io.github.mirroredsupervisor.internal.platform.Ticker;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the lease, one renewal at a time (protocol rules 1 to 3), and says what the answer means. What follows from it
 * is the caller's. Used by the renew thread only.
 */
public final class LeaseRenewer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LeaseRenewer.class);

    private final RenewalSession session;
    private final Duration interval;
    private final Duration lease;
    private final Duration stopBound;
    private final Executor later;
    private final Ticker ticker;
    private final Recollection recollection = new Recollection();
    private int failures;

    /** Whether the failures were logged. */
    private boolean told;

    private @Nullable ServerClock lastReading;

    /**
     * Nothing is renewed yet.
     *
     * @param later runs the logging, so that no renewal waits for an appender
     */
    public LeaseRenewer(RenewalSession session, PeerSettings settings, Executor later, Ticker ticker) {
        this.later = later;
        this.session = session;
        this.interval = settings.renewInterval();
        this.lease = settings.lease();
        this.stopBound = settings.stopBound();
        this.ticker = ticker;
    }

    /** What an answer to a renewal, or its absence, means. */
    public enum Meaning {
        /** The lease is renewed. */
        RENEWED,

        /** No answer, or a refusal. */
        FAILED,

        /** The database no longer lists this incarnation as alive. */
        DECLARED_DEAD,

        /** The answer contradicts an earlier one (protocol rule 11b). */
        CONTRADICTED
    }

    /**
     * The outcome of one renewal.
     *
     * @param pause from sending this renewal to sending the next
     * @param answer null if there is none
     * @param contradiction for people; null if there is none
     */
    public record Outcome(
            Meaning meaning,
            Duration pause,
            @Nullable Answer answer,
            @Nullable String contradiction) {}

    /**
     * A confirmed renewal, which has not extended the permission yet.
     *
     * @param wasAway whether the permission had ended since the last answer: this peer's observations are outdated then
     * @param late whether it was away, or the answer took longer than a renew interval
     * @param unseen how long this machine stood still without noticing it, so that the permission lasted longer than it
     *     should have; null if it did not
     */
    public record Answer(
            Renewal renewal,
            long sentAt,
            long repliedAt,
            boolean wasAway,
            boolean late,
            @Nullable Duration unseen) {}

    /**
     * Which server answers. Called before the join, as a member has a lease to renew: it needs a connection for
     * renewals that works, and the code of the first renewal loaded and linked. A cold JVM on a slow machine might
     * otherwise not keep its first lease. On the work thread, before the renew thread starts.
     *
     * @throws StoreException if none answers
     */
    public String server(Incarnation me) {
        return session.comeBack(me.id()).server();
    }

    /** Tries one renewal. */
    public Outcome renew(Incarnation me) {
        long sentAt = ticker.nanoTime();
        try {
            Renewal renewal = me.permission().valid(sentAt) ? session.renew(me.id()) : session.comeBack(me.id());
            long repliedAt = ticker.nanoTime();
            recovered();
            String contradiction = recollection.contradiction(me.id(), renewal);
            if (contradiction != null) {
                return new Outcome(Meaning.CONTRADICTED, interval, null, contradiction);
            }
            if (!renewal.renewed()) {
                return new Outcome(Meaning.DECLARED_DEAD, interval, null, null);
            }
            Duration pause = HeartbeatPace.next(interval, renewal.peers(), renewal.joinOrder());
            return new Outcome(Meaning.RENEWED, pause, answer(me, renewal, sentAt, repliedAt), null);
        } catch (StoreException e) {
            failed(me, e);
            return new Outcome(Meaning.FAILED, pauseAfterFailure(me, e), null, null);
        }
    }

    private Answer answer(Incarnation me, Renewal renewal, long sentAt, long repliedAt) {
        ServerClock reading = ServerClock.of(renewal, sentAt, repliedAt);
        Duration unseen = reading.unseenSince(lastReading);
        lastReading = reading;
        boolean stoodStill = unseen.compareTo(stopBound) > 0; // the margin between the permission and others' patience
        boolean wasAway = stoodStill || hasExpired(me, repliedAt);
        boolean late = wasAway || repliedAt - sentAt > interval.toNanos();
        boolean unnoticed = stoodStill && me.permission().valid(repliedAt);
        return new Answer(renewal, sentAt, repliedAt, wasAway, late, unnoticed ? unseen : null);
    }

    /** Closes the connection. */
    @Override
    public void close() {
        session.close();
    }

    /** Whether an earlier permission has expired: this peer's observations are then outdated (protocol rule 3). */
    private static boolean hasExpired(Incarnation me, long now) {
        return me.permission().deadline() != null && !me.permission().valid(now);
    }

    private void failed(Incarnation me, StoreException e) {
        failures++;
        boolean refused = e instanceof StoreRefusedException;
        if (failures == 2 || (refused && failures == 1)) { // a closed connection causes one failure without an answer
            long headroom = me.permission().headroom(ticker.nanoTime()).toMillis();
            say(() -> log.warn(
                    "The lease cannot be renewed; children stop in {} ms unless the database {}: {}",
                    headroom,
                    refused ? "takes the renewal" : "answers",
                    e.getMessage()));
            told = true;
        }
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

    /** None after a first failure without an answer; then one interval, and more when the permission has ended. */
    private Duration pauseAfterFailure(Incarnation me, StoreException e) {
        if (failures == 1) {
            return e instanceof StoreRefusedException ? interval : Duration.ZERO;
        }
        return me.permission().valid(ticker.nanoTime())
                ? interval
                : HeartbeatPace.toComeBack(interval, lease, failures);
    }
}
