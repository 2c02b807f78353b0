package io.github.mirroredsupervisor.internal.postgres.source;

import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds an attempt to connect as a whole: name resolution, TLS, and the application's code that gets credentials. It
 * runs on a separate thread; that thread closes a connection that comes too late.
 */
final class BoundedOpening {

    private static final Logger logger = LoggerFactory.getLogger(BoundedOpening.class);

    private BoundedOpening() {}

    static Connection within(Duration limit, Opening opening) throws SQLException {
        CompletableFuture<Connection> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> attempt(opening, result), "mirrored-supervisor-connect");
        thread.setDaemon(true);
        thread.start();
        try {
            return result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            Connection inTime = giveUp(result, thread);
            if (inTime != null) {
                return inTime;
            }
            throw new SQLException(
                    "The attempt to connect timed out after " + limit.toMillis() + " ms",
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

    private static void attempt(Opening opening, CompletableFuture<Connection> result) {
        try {
            Connection connection = opening.open();
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

    /** Opens a connection, without a bound. */
    @FunctionalInterface
    interface Opening {
        Connection open() throws SQLException;
    }
}
