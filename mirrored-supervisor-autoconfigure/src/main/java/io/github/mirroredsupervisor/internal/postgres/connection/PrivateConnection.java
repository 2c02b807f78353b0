package io.github.mirroredsupervisor.internal.postgres.connection;

import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates.Answer;
import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * One private connection: opened when first used, dropped when the server does not answer or renewals are answered by
 * another server, opened again by the next call. A call either returns what the server answered or throws. After a
 * time-out the connection is closed, so a late answer cannot arrive (protocol rule 1). A refusal is logged once and
 * keeps the connection, except a listen or watch connection. Work that lost against another transaction is tried again.
 * Used by one thread; only {@link #close()} may be called by another thread.
 */
public final class PrivateConnection implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(PrivateConnection.class);

    /** The least time for an answer: a connection that took nearly the whole bound to open is still used. */
    private static final Duration SHORTEST_ANSWER = Duration.ofMillis(50);

    /** How often a transaction is tried that loses against other transactions. */
    private static final int MOST_TRIES = 3;

    private final Role role;
    private final Connector connector;
    private final Duration bound;
    private final Refusals refusals;

    private volatile @Nullable Connection connection;

    /** Belongs to the open connection; keeps the statements that it has parsed. */
    private @Nullable JdbcClient client;

    /** Whether other clients share the sessions of the open connection. */
    private boolean pooled;

    /** The connector's count of moves when the open connection was opened. */
    private int openedAt;

    /** The server that the open connection leads to; null if it was not asked. */
    private @Nullable String server;

    private long answers;

    private volatile boolean busy;
    private volatile boolean closed;

    public PrivateConnection(Role role, Connector connector, Timeouts bounds) {
        this.role = role;
        this.connector = connector;
        this.bound = bounds.call(role);
        this.refusals = new Refusals(role, connector.target(), bounds.lease());
    }

    /** Runs one independent statement, or several. They may be run again, if they lost against another transaction. */
    public <T extends @Nullable Object> T call(String task, Work<JdbcClient, T> work) {
        return attempt(task, bound, MOST_TRIES, true, open -> alone(open, work));
    }

    /** As {@link #call}, with another bound than this connection's. */
    public <T extends @Nullable Object> T call(String task, Duration limit, Work<JdbcClient, T> work) {
        return attempt(task, limit, MOST_TRIES, true, open -> alone(open, work));
    }

    /** As {@link #call}, for work that the server may refuse to this role: the caller logs the refusal. */
    public <T extends @Nullable Object> T optional(String task, Work<JdbcClient, T> work) {
        return attempt(task, bound, MOST_TRIES, false, open -> alone(open, work));
    }

    /** Runs one READ COMMITTED transaction. It may be run again, if it lost against another one. */
    public <T extends @Nullable Object> T transaction(String task, Work<JdbcClient, T> work) {
        return transaction(task, true, work);
    }

    /** As {@link #transaction(String, Work)}, but the caller logs a refusal. */
    public <T extends @Nullable Object> T optionalTransaction(String task, Work<JdbcClient, T> work) {
        return transaction(task, false, work);
    }

    private <T extends @Nullable Object> T transaction(String task, boolean aloud, Work<JdbcClient, T> work) {
        return attempt(task, bound, MOST_TRIES, aloud, open -> inTransaction(open, work));
    }

    /** Runs one transaction and rolls it back. */
    public <T extends @Nullable Object> T rolledBack(String task, Work<JdbcClient, T> work) {
        return attempt(
                task,
                bound,
                MOST_TRIES,
                true,
                open -> inTransaction(open, jdbc -> {
                    T result = work.on(jdbc);
                    open.rollback(); // so that nothing is left to commit
                    return result;
                }));
    }

    private <T extends @Nullable Object> T alone(Connection open, Work<JdbcClient, T> work) throws SQLException {
        return pooled ? inTransaction(open, work) : work.on(client(open));
    }

    private <T extends @Nullable Object> T inTransaction(Connection open, Work<JdbcClient, T> work)
            throws SQLException {
        open.setAutoCommit(false);
        if (pooled) { // a session that is not shared has its search path from the beginning
            SearchPath.pinTransaction(open);
        }
        T result = work.on(client(open));
        open.commit();
        open.setAutoCommit(true);
        return result;
    }

    /** Runs something on the connection, once. */
    public <T extends @Nullable Object> T raw(String task, Work<Connection, T> work) {
        return attempt(task, bound, 1, true, work);
    }

    private <T extends @Nullable Object> T attempt(
            String task, Duration limit, int tries, boolean aloud, Work<Connection, T> work) {
        long start = System.nanoTime();
        int triesLeft = tries;
        while (true) {
            busy = true;
            try {
                Connection open = opened(limit);
                open.setNetworkTimeout(Runnable::run, remaining(start, limit));
                T result = work.on(open);
                answers++;
                refusals.succeeded(task);
                return result;
            } catch (SQLException | RuntimeException e) {
                Answer answer = e instanceof UnsupportedServerException ? Answer.SILENCE : SqlStates.answer(e);
                boolean kept = answer.leavesSession() && !hasState() && rolledBack();
                if (!kept) {
                    drop();
                }
                answers += answer == Answer.SILENCE ? 0 : 1;
                triesLeft--;
                if (answer != Answer.CONFLICT || !kept || triesLeft == 0 || isOver(start, limit)) {
                    throw failure(task, limit, answer, aloud, e);
                }
                logger.debug("Lost against another transaction: {}", task, e);
            } catch (Error e) {
                drop();
                throw e;
            } finally {
                busy = false;
            }
        }
    }

    /** Listening and locks have to be set up again on a new connection. */
    private boolean hasState() {
        return role == Role.LISTEN || role == Role.WATCH;
    }

    /** How many calls the server has answered, refusals included. Called by the thread that uses this connection. */
    public long answers() {
        return answers;
    }

    /** Ends the connection; the next call opens another one. */
    public void rest() {
        drop();
    }

    public boolean isOpen() {
        return connection != null;
    }

    Duration bound() {
        return bound;
    }

    /** Closes the connection, if there is one, until the next call. Called by the thread that uses this connection. */
    public void release() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            closeQuietly(open);
        }
    }

    private void closeQuietly(Connection open) {
        try {
            open.close();
        } catch (SQLException e) {
            logger.debug("The {} connection did not close in good order", role.text(), e);
        }
    }

    @Override
    public void close() {
        closed = true;
        Connection open = connection;
        if (open == null) {
            return;
        }
        if (busy) {
            abort(open);
        } else {
            closeQuietly(open);
        }
        connection = null;
    }

    private Connection opened(Duration limit) throws SQLException {
        leaveFormerServer();
        Connection open = connection;
        if (open == null) {
            refuseIfClosed();
            openedAt = connector.moves();
            server = null;
            Connector.Opened opened = connector.open(role, limit);
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

    /**
     * Notes which server the open connection leads to. Called by the thread that uses it. It is kept when renewals turn
     * out to be answered by that server too: the end of a session that holds a lock is a sign of death to others.
     */
    public void leadsTo(@Nullable String where) {
        server = where;
    }

    /** The renewals' own connection is where the present server answers. */
    private void leaveFormerServer() throws SQLException {
        int moves = connector.moves();
        if (connection != null && role != Role.RENEW && openedAt != moves) {
            if (server != null && connector.isRenewedBy(server)) {
                openedAt = moves;
                return;
            }
            drop();
            if (hasState()) {
                throw new SQLException(
                        "renewals are answered by another server now", PSQLState.CONNECTION_FAILURE.getState());
            }
        }
    }

    private void refuseIfClosed() throws SQLException {
        if (closed) {
            throw new SQLException("the session was closed");
        }
    }

    private static boolean isOver(long start, Duration limit) {
        return System.nanoTime() - start >= limit.toNanos();
    }

    private static int remaining(long start, Duration limit) {
        Duration left = limit.minusNanos(System.nanoTime() - start);
        return Math.toIntExact((left.compareTo(SHORTEST_ANSWER) < 0 ? SHORTEST_ANSWER : left).toMillis());
    }

    private void drop() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            abort(open);
        }
    }

    /** Not close(): it may wait if the line is dead or an answer is still arriving. */
    private void abort(Connection open) {
        try {
            open.abort(Runnable::run);
        } catch (SQLException e) {
            logger.debug("The {} connection did not abort in good order", role.text(), e);
        }
    }

    /** A refusal is a complete answer: after a rollback the session can be used again. */
    private boolean rolledBack() {
        Connection open = connection;
        try {
            if (open == null || open.isClosed()) {
                return false; // the server refused and closed the session
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

    private StoreException failure(String task, Duration limit, Answer answer, boolean aloud, Exception cause) {
        String where = " over the " + role.text() + " connection to " + connector.target() + ": ";
        if (answer == Answer.REFUSAL) {
            return refused(task, where, aloud, cause);
        }
        String message = "Could not " + task + " within " + limit.toMillis() + " ms" + where + SqlStates.explain(cause);
        logger.debug("{}", message); // the caller logs what it means
        return new StoreUnavailableException(message, cause);
    }

    private StoreRefusedException refused(String task, String where, boolean aloud, Exception cause) {
        String state = SqlStates.stateOf(cause);
        String reason = SqlStates.describe(cause);
        String advice = RefusalAdvice.of(state);
        String message = "Refused to " + task + where + reason + (advice.isEmpty() ? "" : ". " + advice);
        if (aloud) {
            refusals.refused(task, reason, message);
        }
        return new StoreRefusedException(message, state, cause);
    }

    private JdbcClient client(Connection open) {
        JdbcClient known = client;
        if (known == null) {
            known = JdbcClient.create(new SingleConnectionDataSource(open, true));
            client = known;
        }
        return known;
    }

    /** Work on a connection. It may be run again, so it must change nothing but the database. */
    @FunctionalInterface
    public interface Work<C, T extends @Nullable Object> {
        T on(C connection) throws SQLException;
    }
}
