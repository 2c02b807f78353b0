package io.github.mirroredsupervisor.internal.postgres.tables;

import io.github.mirroredsupervisor.PeerId;

/**
 * The last renewal of this process that the database has confirmed. A peer whose row shows an earlier one is granted
 * nothing, hands nothing over and accuses nobody: that database has forgotten something, and its rows say nothing about
 * who runs what (protocol rule 11b). Thread-safe.
 */
public final class ConfirmedRenewal {

    /** A peer of this process, and its counter. */
    record Renewed(PeerId peer, long seq) {}

    private volatile Renewed last = new Renewed(PeerId.random(), 0);

    public void renewed(PeerId peer, long seq) {
        last = new Renewed(peer, seq);
    }

    /** Of no peer that there is if nothing was renewed yet. */
    Renewed last() {
        return last;
    }

    /** The counter at that renewal; 0 if this peer has not renewed yet. */
    long seqOf(PeerId peer) {
        Renewed renewed = last;
        return renewed.peer().equals(peer) ? renewed.seq() : 0;
    }
}
