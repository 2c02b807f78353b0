package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.internal.store.Renewal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The database's clock as one renewal brought it, and between which stamps of this process. Two of them tell how long
 * this machine stood still without its own clock seeing it, as a suspended virtual machine does (faults I27): by that
 * much every deadline in it is late. Pure.
 *
 * <p>A database's clock that is set forward looks the same. It costs each peer one stop of its children, which start
 * again in place at once.
 *
 * @param server whose clock it is
 * @param clock from any origin, but the same one for readings of one server
 */
record ServerClock(String server, Duration clock, long sentAt, long repliedAt) {

    static ServerClock of(Renewal renewal, long sentAt, long repliedAt) {
        return new ServerClock(renewal.server(), renewal.serverClock(), sentAt, repliedAt);
    }

    /**
     * How much further the database's clock surely went than this process's since an earlier reading; zero if it did
     * not, or if another server answers.
     */
    Duration unseenSince(@Nullable ServerClock earlier) {
        if (earlier == null || !earlier.server().equals(server)) {
            return Duration.ZERO;
        }
        // Counted between the widest stamps: the database may have read its clock anywhere between sending and reply.
        long widest = (long) ((repliedAt - earlier.sentAt()) * PeerObservations.DRIFT_ALLOWANCE);
        Duration unseen = clock.minus(earlier.clock()).minusNanos(widest);
        return unseen.isNegative() ? Duration.ZERO : unseen;
    }
}
