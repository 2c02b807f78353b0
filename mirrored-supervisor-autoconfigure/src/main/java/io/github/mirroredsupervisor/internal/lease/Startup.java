package io.github.mirroredsupervisor.internal.lease;

/** What it means for the start of a peer that it cannot join. */
public enum Startup {
    /** It tries for as long as a call may take; then its start fails. */
    STRICT,
    /**
     * After a lease its start succeeds nevertheless. It goes on trying, and until it has joined its supervisors refuse
     * calls.
     */
    LENIENT
}
