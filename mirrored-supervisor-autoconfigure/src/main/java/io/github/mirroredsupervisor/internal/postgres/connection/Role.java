package io.github.mirroredsupervisor.internal.postgres.connection;

import java.util.Locale;

/** What one of the private connections is for. */
public enum Role {
    RENEW,
    WORK,
    LISTEN,
    WATCH,
    /** Hints, revisions and history. */
    ANNOUNCE,
    /** Queries of people and monitors. */
    READ;

    /** The name in messages and in {@code pg_stat_activity}. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
