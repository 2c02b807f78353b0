package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one renewal brought back in its single round trip (protocol rule 2).
 *
 * @param renewed false if the peer's row was not ALIVE any more: declared dead
 * @param seq this peer's own counter, which this renewal has raised; 0 if it has not renewed
 * @param joinOrder this peer's own place in the order of joining; 0 if it has no row
 * @param peers the other ALIVE peers
 * @param groups revision and death of every group this peer is a member of
 * @param server identity of the server that answered: its timeline and start time; a change restarts all timers
 * @param serverClock the database's clock when it answered, from any origin: only how far it went between two renewals
 *     means something
 * @param locks the session locks that the other peers hold, by peer; those that hold none are left out
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

    /** The peer has no row: a certificate leaves one, for longer than any peer takes to hear of it. */
    public boolean isUnknown() {
        return !renewed && joinOrder == 0;
    }

    /**
     * One other peer's last renewal.
     *
     * @param last which one it is
     * @param lease the lease that this peer promises to keep; it, and not the observer's, bounds its permission
     * @param joinOrder earlier ones act first
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
     * What a renewal says of a group: enough to see whether there is something to do.
     *
     * @param revision {@link #NO_ROW} if somebody deleted the group's row
     */
    public record GroupBeat(long revision, boolean terminated) {

        /** Less than every revision that is known anywhere. */
        public static final long NO_ROW = -2;
    }
}
