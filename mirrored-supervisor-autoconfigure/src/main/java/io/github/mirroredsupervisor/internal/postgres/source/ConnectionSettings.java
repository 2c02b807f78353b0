package io.github.mirroredsupervisor.internal.postgres.source;

import java.time.Duration;

/**
 * Where the database is, and how long its answers may take.
 *
 * @param source opens the connections
 * @param label names this process in {@code pg_stat_activity}
 * @param lease how long the other peers wait for a renewal; bounds every call
 * @param renewInterval how often the lease is renewed; shorter than a third of it
 */
public record ConnectionSettings(ConnectionSource source, String label, Duration lease, Duration renewInterval) {

    /** Without the password and the URL's parameters. */
    @Override
    public String toString() {
        return "ConnectionSettings[" + source.place() + ", label=" + label + ", lease=" + lease + ", renewInterval="
                + renewInterval + "]";
    }
}
