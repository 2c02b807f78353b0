package io.github.mirroredsupervisor.internal.postgres.source;

import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/**
 * Opens physical connections to one database, each with the credentials valid at that time. Never a pool. Thread-safe.
 */
public interface ConnectionSource {

    /**
     * Opens a new connection, which belongs to the caller.
     *
     * @throws SQLException if it cannot be opened within the limit
     * @throws UnsupportedServerException if the driver is not the PostgreSQL driver
     */
    Connection open(Attempt attempt) throws SQLException;

    /** The address, for people: without anything that may be a secret. */
    String place();

    /**
     * One attempt to connect.
     *
     * @param applicationName names the session in {@code pg_stat_activity}
     * @param limit how long the whole attempt may take
     * @param answer how long a read of the connection waits for the server; zero for no limit
     */
    record Attempt(String applicationName, Duration limit, Duration answer) {

        private static final int LONGEST_NAME = 63;

        public Attempt {
            applicationName = applicationName.substring(0, Math.min(applicationName.length(), LONGEST_NAME));
        }

        /** Whole seconds, rounded up, as the driver needs them. */
        static String seconds(Duration duration) {
            return Long.toString(duration.plusMillis(999).toSeconds());
        }
    }

    /** Prepares each new session, as the application's own pool does. Thread-safe. */
    @FunctionalInterface
    interface Preparation {

        /** Does nothing. */
        Preparation NONE = connection -> {};

        void prepare(Connection connection) throws SQLException;

        /** Runs SQL, such as {@code SET ROLE}. */
        static Preparation of(List<String> statements) {
            List<String> copy = List.copyOf(statements);
            return connection -> {
                for (String sql : copy) {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute(sql);
                    }
                }
            };
        }

        /** Runs this preparation, then the other. */
        default Preparation then(Preparation other) {
            return connection -> {
                prepare(connection);
                other.prepare(connection);
            };
        }
    }
}
