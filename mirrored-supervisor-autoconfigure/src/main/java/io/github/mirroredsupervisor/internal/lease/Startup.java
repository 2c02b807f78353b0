package io.github.mirroredsupervisor.internal.lease;

/** What happens to the start of a peer that cannot join. */
public enum Startup {
    /** The peer tries for as long as a call may take; then its start fails. */
    STRICT,
    /**
     * The start succeeds after one lease. The peer continues to try, and its supervisors refuse calls until it has
     * joined.
     */
    LENIENT
}
