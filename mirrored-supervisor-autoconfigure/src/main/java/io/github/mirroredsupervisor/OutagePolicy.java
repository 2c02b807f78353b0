package io.github.mirroredsupervisor;

/** What a child does while its peer cannot renew its lease. */
public enum OutagePolicy {
    /** Stop at the local deadline: never two runs at once. */
    STOP,
    /**
     * Keep running during an outage of the database. Two runs are possible in that time; the fencing token still
     * increases.
     */
    CONTINUE
}
