package io.github.mirroredsupervisor;

/** What a child is doing, as the whole group sees it. */
public enum Phase {
    /** Granted to a peer; its {@link ChildProcess#init init} has not returned yet. */
    STARTING,
    /** Started and not ended. */
    RUNNING,
    /** Ended, and waiting for its restart. */
    RESTARTING,
    /** Told to stop and not ended yet. */
    STOPPING,
    /** Stopped on request; stays so. */
    STOPPED,
    /**
     * A transient child that ended as it should, or one whose init declined, see {@link ChildInfo#declined()}; stays
     * so.
     */
    COMPLETED,
    /** Its owner is gone and nobody has adopted it yet. */
    ORPHANED,
    /** No live peer knows its type or may take it; it waits. */
    UNPLACEABLE,
    /** Kept from running because it harmed its peers. */
    QUARANTINED,
    /** Told to stop and did not within its bound; its thread still lives. */
    STUCK
}
