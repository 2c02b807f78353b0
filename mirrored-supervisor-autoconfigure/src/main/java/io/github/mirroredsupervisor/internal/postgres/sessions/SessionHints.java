package io.github.mirroredsupervisor.internal.postgres.sessions;

/**
 * Whether a peer shows by a session's lock that it is alive, and watches the locks of other peers (protocol rule 10).
 */
public enum SessionHints {
    /** On, unless a connection pooler shares the sessions with other clients. */
    AUTO,
    /** Never: every child of a lost peer waits for its lease. */
    OFF
}
