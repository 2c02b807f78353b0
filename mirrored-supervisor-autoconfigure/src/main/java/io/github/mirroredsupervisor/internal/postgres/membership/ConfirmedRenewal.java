package io.github.mirroredsupervisor.internal.postgres.membership;

import io.github.mirroredsupervisor.PeerId;

/**
 * The last renewal of this process that the database has confirmed. If a peer's row shows an earlier one, the database
 * has forgotten something, and its rows do not show who runs what. The peer is then granted nothing, hands nothing over
 * and accuses no other peer (protocol rule 11b). Thread-safe.
 */
public final class ConfirmedRenewal {

    /** A peer of this process, and its counter. */
    public record Renewed(PeerId peer, long seq) {}

    private volatile Renewed last = new Renewed(PeerId.random(), 0);

    public void renewed(PeerId peer, long seq) {
        last = new Renewed(peer, seq);
    }

    /** The last confirmed renewal; one of a peer that does not exist if nothing was renewed yet. */
    public Renewed last() {
        return last;
    }

    /** The counter at that renewal; 0 if this peer has not renewed yet. */
    public long seqOf(PeerId peer) {
        Renewed renewed = last;
        return renewed.peer().equals(peer) ? renewed.seq() : 0;
    }
}
