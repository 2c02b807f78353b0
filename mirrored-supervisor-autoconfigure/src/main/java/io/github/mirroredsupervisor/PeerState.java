package io.github.mirroredsupervisor;

/** What the group knows of a peer. {@link #LEFT} and {@link #DEAD} are final for an incarnation. */
public enum PeerState {
    ALIVE,
    /** Stopped its children and left in good order. */
    LEFT,
    /** Declared dead by a peer that saw its lease run out. */
    DEAD
}
