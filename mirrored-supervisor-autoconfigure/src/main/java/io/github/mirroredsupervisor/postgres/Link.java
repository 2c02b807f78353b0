package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * One private connection: opened when first used, dropped after every failure, opened again by the next call. A call either
 * returns what the server answered or throws; an answer that did not come in time is never taken for one, as the connection it
 * might still arrive on is gone (protocol rule 1). Used by one thread; only {@link #close()} may come from another.
 */
final class Link implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(Link.class);

    /** So that a connection that took nearly the whole bound to open is not thrown away for a single packet. */
    private static final Duration SHORTEST_ANSWER = Duration.ofMillis(50);

    private final Role role;
    private final Connector connector;
    private final Duration bound;

    private volatile @Nullable Connection connection;

    /** Of the open connection: it keeps the statements that it has parsed. */
    private @Nullable JdbcClient client;

    /** Whether the open connection leads to sessions that are others' too. */
    private boolean pooled;

    private volatile boolean busy;
    private volatile boolean closed;

    Link(Role role, Connector connector, Bounds bounds) {
        this.role = role;
        this.connector = connector;
        this.bound = bounds.call(role);
    }

    /** Runs one statement, or several that each stand alone. */
    <T extends @Nullable Object> T call(String task, Work<JdbcClient, T> work) {
        return raw(task, open -> {
            if (!pooled) {
                return work.on(client(open));
            }
            begin(open);
            T result = work.on(client(open));
            open.commit();
            open.setAutoCommit(true);
            return result;
        });
    }

    /** Runs one READ COMMITTED transaction. */
    <T extends @Nullable Object> T transaction(String task, Work<JdbcClient, T> work) {
        return raw(task, open -> {
            begin(open);
            T result = work.on(client(open));
            open.commit();
            open.setAutoCommit(true);
            return result;
        });
    }

    /** Runs one transaction that leaves nothing behind. */
    <T extends @Nullable Object> T rolledBack(String task, Work<JdbcClient, T> work) {
        return raw(task, open -> {
            begin(open);
            T result = work.on(client(open));
            open.rollback();
            open.setAutoCommit(true);
            return result;
        });
    }

    /** A session of our own has its path of names from the beginning. */
    private void begin(Connection open) throws SQLException {
        open.setAutoCommit(false);
        if (pooled) {
            SearchPath.pinTransaction(open);
        }
    }

    <T extends @Nullable Object> T raw(String task, Work<Connection, T> work) {
        long start = System.nanoTime();
        busy = true;
        try {
            Connection open = opened();
            open.setNetworkTimeout(Runnable::run, remaining(start));
            T result = work.on(open);
            return result;
        } catch (SQLException | RuntimeException e) {
            if (!SqlStates.isLockTimeout(e) || !rolledBack()) {
                drop();
            }
            throw unavailable(task, e);
        } catch (Error e) {
            drop();
            throw e;
        } finally {
            busy = false;
        }
    }

    boolean isOpen() {
        return connection != null;
    }

    Duration bound() {
        return bound;
    }

    @Override
    public void close() {
        closed = true;
        Connection open = connection;
        if (open == null) {
            return;
        }
        try {
            if (busy) {
                open.abort(Runnable::run);
            } else {
                open.close();
            }
        } catch (SQLException e) {
            logger.debug("The {} connection did not close in good order", role.text(), e);
        }
        connection = null;
    }

    private Connection opened() throws SQLException {
        Connection open = connection;
        if (open == null) {
            refuseIfClosed();
            Connector.Opened opened = connector.open(role);
            open = opened.connection();
            pooled = opened.pooled();
            connection = open;
            client = null;
        }
        if (closed) {
            drop();
            refuseIfClosed();
        }
        return open;
    }

    private void refuseIfClosed() throws SQLException {
        if (closed) {
            throw new SQLException("the session was closed");
        }
    }

    private int remaining(long start) {
        Duration left = bound.minusNanos(System.nanoTime() - start);
        return Math.toIntExact((left.compareTo(SHORTEST_ANSWER) < 0 ? SHORTEST_ANSWER : left).toMillis());
    }

    private void drop() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                // Not close(): on a line that is dead or in the middle of an answer it may wait.
                open.abort(Runnable::run);
            } catch (SQLException e) {
                logger.debug("The {} connection did not abort in good order", role.text(), e);
            }
        }
    }

    /** A refused lock wait is a full answer: the session is as good as before. */
    private boolean rolledBack() {
        Connection open = connection;
        try {
            if (open == null) {
                return false;
            }
            if (!open.getAutoCommit()) {
                open.rollback();
                open.setAutoCommit(true);
            }
            return true;
        } catch (SQLException e) {
            logger.debug("The {} connection did not roll back", role.text(), e);
            return false;
        }
    }

    private StoreUnavailableException unavailable(String task, Exception cause) {
        String message = "Could not " + task + " within " + bound.toMillis() + " ms over the " + role.text()
                + " connection to " + connector.target() + ": " + SqlStates.explain(cause);
        logger.debug("{}", message); // whoever called says aloud what it means
        return new StoreUnavailableException(message, cause);
    }

    private JdbcClient client(Connection open) {
        JdbcClient known = client;
        if (known == null) {
            known = JdbcClient.create(new SingleConnectionDataSource(open, true));
            client = known;
        }
        return known;
    }

    /** Something to do with a connection; what it throws costs the connection. */
    @FunctionalInterface
    interface Work<C, T extends @Nullable Object> {
        T on(C connection) throws SQLException;
    }
}
