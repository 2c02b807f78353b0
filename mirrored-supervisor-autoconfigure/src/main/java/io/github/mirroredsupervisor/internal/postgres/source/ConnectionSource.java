package io.github.mirroredsupervisor.internal.postgres.source;

import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** Opens physical connections to the one database, each time with what is valid then. Never a pool. Thread-safe. */
public interface ConnectionSource {

    /**
     * Opens a new connection, which belongs to the caller.
     *
     * @throws SQLException if there is none within the limit
     * @throws UnsupportedServerException if what connects is not the PostgreSQL driver
     */
    Connection open(Attempt attempt) throws SQLException;

    /** Where it leads, for people: without anything that may be a secret. */
    String place();

    /**
     * One attempt to connect.
     *
     * @param applicationName names the session in {@code pg_stat_activity}
     * @param limit how long it may take altogether
     * @param answer how long a read of the connection waits for the server; zero for as long as it takes
     */
    record Attempt(String applicationName, Duration limit, Duration answer) {

        private static final int LONGEST_NAME = 63;

        public Attempt {
            applicationName = applicationName.substring(0, Math.min(applicationName.length(), LONGEST_NAME));
        }

        /** Whole seconds, rounded up, as the driver wants them. */
        static String seconds(Duration duration) {
            return Long.toString(duration.plusMillis(999).toSeconds());
        }
    }

    /** What each new session begins with, as those of the application's own pool do. Thread-safe. */
    @FunctionalInterface
    interface Preparation {

        /** Nothing. */
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

        /** Both, this one first. */
        default Preparation then(Preparation other) {
            return connection -> {
                prepare(connection);
                other.prepare(connection);
            };
        }
    }
}
