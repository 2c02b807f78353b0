package io.github.mirroredsupervisor.internal.postgres.sessions;

/** Whether a peer shows by a session's lock that it lives, and watches those of others (protocol rule 10). */
public enum SessionHints {
    /** Wherever sessions are the process's own, which they are not behind a connection pooler. */
    AUTO,
    /** Never: every child of a lost peer waits for its lease. */
    OFF
}
