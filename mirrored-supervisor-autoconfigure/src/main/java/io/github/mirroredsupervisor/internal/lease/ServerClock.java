package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The database's clock as one renewal returned it, with the local times of sending and reply. Two such readings show
 * how long this machine stood still without its own clock advancing, like a suspended virtual machine (faults I27).
 * Every local deadline is late by that time. Pure.
 *
 * <p>A database clock that is set forward looks the same. Then each peer stops its children once, and they restart in
 * place at once.
 *
 * @param server the server whose clock was read
 * @param clock the reading, from any origin; the origin is the same for all readings of one server
 */
record ServerClock(String server, Duration clock, long sentAt, long repliedAt) {

    static ServerClock of(Renewal renewal, long sentAt, long repliedAt) {
        return new ServerClock(renewal.server(), renewal.serverClock(), sentAt, repliedAt);
    }

    /**
     * The minimum by which the database's clock advanced more than this process's clock since an earlier reading. Zero
     * if it did not, or if another server answered.
     */
    Duration unseenSince(@Nullable ServerClock earlier) {
        if (earlier == null || !earlier.server().equals(server)) {
            return Duration.ZERO;
        }
        // Use the widest local interval: the database may have read its clock at any time between sending and reply.
        long widest = (long) ((repliedAt - earlier.sentAt()) * PeerObservations.DRIFT_ALLOWANCE);
        Duration unseen = clock.minus(earlier.clock()).minusNanos(widest);
        return unseen.isNegative() ? Duration.ZERO : unseen;
    }
}
