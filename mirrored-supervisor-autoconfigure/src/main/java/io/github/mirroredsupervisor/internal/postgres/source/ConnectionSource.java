package io.github.mirroredsupervisor.internal.postgres.source;

import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens physical connections to one database, each with the credentials valid at that time. Never a pool. An attempt to
 * connect is bounded as a whole: name resolution, TLS, and the application's code that gets credentials. It runs on a
 * separate thread; that thread closes a connection that comes too late. Thread-safe.
 */
public abstract class ConnectionSource {

    private static final Logger logger = LoggerFactory.getLogger(ConnectionSource.class);

    /**
     * Opens a new connection, which belongs to the caller.
     *
     * @throws SQLException if it cannot be opened within the limit
     * @throws UnsupportedServerException if the driver is not the PostgreSQL driver
     */
    public final Connection open(Attempt attempt) throws SQLException {
        CompletableFuture<Connection> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> connect(attempt, result), "mirrored-supervisor-connect");
        thread.setDaemon(true);
        thread.start();
        try {
            return result.get(attempt.limit().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            Connection inTime = giveUp(result, thread);
            if (inTime != null) {
                return inTime;
            }
            throw new SQLException(
                    "The attempt to connect timed out after " + attempt.limit().toMillis() + " ms",
                    PSQLState.CONNECTION_UNABLE_TO_CONNECT.getState());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Connection inTime = giveUp(result, thread);
            if (inTime != null) {
                return inTime;
            }
            throw new SQLException(
                    "The attempt to connect was interrupted", PSQLState.CONNECTION_UNABLE_TO_CONNECT.getState(), e);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        }
    }

    /** Opens a connection, without a bound. */
    abstract Connection connect(Attempt attempt) throws SQLException;

    /** The address, for people: without anything that may be a secret. */
    public abstract String place();

    /** Without anything that may be a secret. */
    @Override
    public final String toString() {
        return place();
    }

    private void connect(Attempt attempt, CompletableFuture<Connection> result) {
        try {
            Connection connection = connect(attempt);
            if (!result.complete(connection)) {
                connection.abort(Runnable::run);
            }
        } catch (Throwable e) { // whatever the application's code throws is the answer
            if (!result.completeExceptionally(e)) {
                logger.debug("An attempt to connect that had been given up failed", e);
            }
        }
    }

    /** The connection, if it arrived at the last moment. */
    private static @Nullable Connection giveUp(CompletableFuture<Connection> result, Thread thread) {
        if (!result.cancel(false) && !result.isCompletedExceptionally()) {
            return result.getNow(null);
        }
        thread.interrupt(); // for the application's code; waits of the driver end by its time-outs
        return null;
    }

    private static SQLException failure(@Nullable Throwable cause) {
        if (cause instanceof SQLException refused) {
            return refused;
        }
        if (cause instanceof UnsupportedServerException unsupported) {
            throw unsupported;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new SQLException(
                "What provides the connection or its credentials failed: " + cause,
                PSQLState.CONNECTION_UNABLE_TO_CONNECT.getState(),
                cause);
    }

    /**
     * One attempt to connect.
     *
     * @param applicationName names the session in {@code pg_stat_activity}
     * @param limit how long the whole attempt may take
     * @param answer how long a read of the connection waits for the server; zero for no limit
     */
    public record Attempt(String applicationName, Duration limit, Duration answer) {

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
    public interface Preparation {

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
