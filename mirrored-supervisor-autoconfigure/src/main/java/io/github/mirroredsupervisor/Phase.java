package io.github.mirroredsupervisor;

/** What a child is doing, as the whole group sees it. */
public enum Phase {
    /** Granted to a peer; its {@link ChildProcess#init init} has not returned yet. */
    STARTING,
    /** Started and not ended. */
    RUNNING,
    /** Ended, and waits for its restart. */
    RESTARTING,
    /** Told to stop and not ended yet. */
    STOPPING,
    /** Stopped on request, and stays stopped. */
    STOPPED,
    /** Ended in good order and is not restarted, or its init declined the start, see {@link ChildInfo#declined()}. */
    COMPLETED,
    /** Its owner is gone, and no peer has adopted it yet. */
    ORPHANED,
    /** No live peer knows its type or may take it; it waits. */
    UNPLACEABLE,
    /**
     * Kept from running until it is restarted by a command, because it kept failing or its peers died after its start.
     */
    QUARANTINED,
    /** Did not end within its time to stop; its thread is still alive. */
    STUCK
}
