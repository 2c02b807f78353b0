package io.github.mirroredsupervisor;

/** The state of a peer in its group. {@link #LEFT} and {@link #DEAD} are final for an incarnation. */
public enum PeerState {
    ALIVE,
    /** Stopped its children and left in good order. */
    LEFT,
    /** Declared dead by a peer that saw its lease expire. */
    DEAD
}
