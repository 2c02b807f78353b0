package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of one renewal, from its single round trip (protocol rule 2).
 *
 * @param renewed false if the peer's row was not ALIVE any more: declared dead
 * @param seq this peer's own counter after this renewal; 0 if it was not renewed
 * @param joinOrder this peer's own place in the order of joining; 0 if it has no row
 * @param peers the other ALIVE peers that this one watches, see {@link #PREDECESSORS} and {@link #OBSERVERS_OF_ALL}
 * @param groups revision and death of every group this peer is a member of
 * @param server identity of the server that answered: its timeline and start time. A change restarts all timers
 * @param serverClock the database's clock when it answered, from any origin: only the difference between two renewals
 *     is meaningful
 * @param locks the session locks that the watched peers hold, by peer; peers without a lock are left out
 */
public record Renewal(
        boolean renewed,
        long seq,
        long joinOrder,
        List<PeerBeat> peers,
        Map<String, GroupBeat> groups,
        String server,
        Duration serverClock,
        Map<PeerId, SessionLock> locks) {

    /**
     * Protocol rule 3b: how many ALIVE peers a peer watches, those that joined just before it. The peers that joined
     * last come before the first.
     */
    public static final int PREDECESSORS = 8;

    /** Protocol rule 3b: how many of the earliest ALIVE peers watch all others. */
    public static final int OBSERVERS_OF_ALL = 3;

    /** Whether the peer has no row. A death certificate keeps the row for longer than any peer needs to notice it. */
    public boolean isUnknown() {
        return !renewed && joinOrder == 0;
    }

    /**
     * One other peer's last renewal.
     *
     * @param last that renewal
     * @param lease the lease that this peer promises to keep; this lease bounds its permission, not the observer's
     *     lease
     * @param joinOrder its place in the order of joining; earlier peers act first
     * @param age how old its last renewal is by the database's clock: a hint for pacing, never for expiry; null if
     *     absurd
     */
    public record PeerBeat(
            PeerId id,
            Heartbeat last,
            Duration lease,
            long joinOrder,
            @Nullable Duration age) {}

    /**
     * The state of a group in a renewal: enough to see whether there is something to do.
     *
     * @param revision {@link #NO_ROW} if the group's row was deleted
     */
    public record GroupBeat(long revision, boolean terminated) {

        /** Less than every known revision. */
        public static final long NO_ROW = -2;
    }
}
