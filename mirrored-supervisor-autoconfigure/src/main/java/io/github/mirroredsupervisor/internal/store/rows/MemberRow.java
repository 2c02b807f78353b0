package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.PeerState;
import java.time.Instant;
import java.util.Set;

/**
 * A peer's part in one group, as one query read it.
 *
 * @param cordoned whether it takes no new children; also true of a leaving peer
 * @param immediate the types of its own children that need not wait for the end of its lease if it is lost
 */
public record MemberRow(
        PeerId id,
        PeerRef ref,
        PeerState state,
        boolean cordoned,
        long joinOrder,
        Instant lastRenewedAt,
        Set<String> types,
        long children,
        Set<String> immediate) {

    /** Whether it takes children of the types that it knows. */
    public boolean isFit() {
        return state == PeerState.ALIVE && !cordoned;
    }

    public boolean canTake(ChildRow child) {
        return isFit() && types.contains(child.type());
    }
}
