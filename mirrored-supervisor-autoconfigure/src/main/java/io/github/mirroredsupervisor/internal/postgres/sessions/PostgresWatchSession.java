package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.internal.postgres.connection.Connector;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.connection.Role;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.postgres.server.ServerIdentity;
import io.github.mirroredsupervisor.internal.store.WatchSession;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The watch connection. It holds nothing while it waits, so it cannot be part of a deadlock (faults F1). */
final class PostgresWatchSession implements WatchSession {

    private static final Logger logger = LoggerFactory.getLogger(PostgresWatchSession.class);

    // The block ends quietly where a statement would fail: an error every 30 seconds is too much for the server's log
    // (faults F2). INFO reaches the client with any settings, and not the log. The lock is always released, even if the
    // wait is cancelled just after the lock was granted.
    private static final String WAIT = """
            do $$
            begin
                if pg_catalog.pg_try_advisory_lock_shared(KEY) then
                    raise info 'FREE';
                else
                    perform pg_catalog.pg_advisory_lock_shared(KEY);
                    raise info 'RELEASED';
                end if;
                perform pg_catalog.pg_advisory_unlock_shared(KEY);
            exception when lock_not_available or query_canceled then
                perform pg_catalog.pg_advisory_unlock_all();
            end
            $$
            """;

    private final PrivateConnection link;
    private final ServerIdentity identity;
    private final int networkTimeoutMillis;

    /** The connection that is known to lead to {@link #server}, or through a pooler if that field is null. */
    private @Nullable Connection known;

    private @Nullable String server;

    private volatile @Nullable Statement waiting;

    PostgresWatchSession(PrivateConnection link, ServerIdentity identity, Timeouts bounds) {
        this.link = link;
        this.identity = identity;
        this.networkTimeoutMillis =
                Math.toIntExact(bounds.statement(Role.WATCH).plus(bounds.work()).toMillis());
    }

    @Override
    public Outcome await(SessionLock lock) {
        return link.raw("watch the session of peer " + lock.peer(), connection -> {
            if (connection != known) {
                server = Connector.isPooled(connection) ? null : identity.of(connection);
                link.leadsTo(server);
                if (server != null) {
                    rehearse(connection);
                }
                known = connection;
            }
            return lock.server().equals(server) ? await(connection, lock.key()) : Outcome.FREE;
        });
    }

    /**
     * Waits for a lock that nobody holds. The first answer would otherwise be late by what the driver loads once for
     * the texts of a server's messages.
     */
    private void rehearse(Connection connection) throws SQLException {
        var unused = await(connection, ThreadLocalRandom.current().nextLong(Long.MAX_VALUE));
    }

    private Outcome await(Connection connection, long key) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, networkTimeoutMillis);
        try (Statement statement = connection.createStatement()) {
            waiting = statement;
            statement.execute(WAIT.replace("KEY", Long.toString(key)));
            return outcome(statement.getWarnings());
        } finally {
            waiting = null;
        }
    }

    private static Outcome outcome(@Nullable SQLWarning told) {
        for (SQLWarning warning = told; warning != null; warning = warning.getNextWarning()) {
            for (Outcome outcome : Outcome.values()) {
                if (outcome.name().equals(warning.getMessage())) {
                    return outcome;
                }
            }
        }
        return Outcome.HELD;
    }

    @Override
    public void interrupt() {
        Statement statement = waiting;
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                logger.debug("The watch could not be interrupted, and ends by itself", e);
            }
        }
    }

    @Override
    public void close() {
        interrupt();
        link.close();
    }
}
