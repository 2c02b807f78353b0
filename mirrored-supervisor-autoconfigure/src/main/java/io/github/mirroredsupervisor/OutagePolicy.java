package io.github.mirroredsupervisor;

/** What a child does while its peer cannot renew its lease. */
public enum OutagePolicy {
    /** Stop at the local deadline: at most one runner, always. */
    STOP,
    /** Run on through an outage of the database. Gives up "one runner" for that time; the fencing token still rises. */
    CONTINUE
}
