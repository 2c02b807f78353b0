package io.github.mirroredsupervisor.internal.postgres.connection;

import io.github.mirroredsupervisor.internal.postgres.connection.SessionSetup.Session;
import io.github.mirroredsupervisor.internal.postgres.server.ServerCheck.Facts;
import io.github.mirroredsupervisor.internal.postgres.server.ServerKind;
import io.github.mirroredsupervisor.internal.postgres.server.ServerKind.Standing;
import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource.Attempt;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the private connections: never pooled, bounded from the first packet on, checked to reach a writable primary,
 * and independent of the time-outs and defaults of the role and the database (faults F4, F9). Thread-safe.
 */
public final class Connector {

    private static final Logger logger = LoggerFactory.getLogger(Connector.class);

    private static final String BACKEND = "select pg_catalog.pg_backend_pid()";

    private final ConnectionSettings settings;
    private final Timeouts bounds;
    private final SessionSetup setup;
    private final AtomicBoolean kindReported = new AtomicBoolean();
    private final AtomicBoolean poolerReported = new AtomicBoolean();

    /** Whether a default of the role or the database has ended the setup of a session. */
    private volatile boolean guarded;

    /** How often renewals were answered by another server than before. */
    private final AtomicInteger moves = new AtomicInteger();

    /** The server that answered the last renewal. Written by the renew thread. */
    private volatile @Nullable String renewing;

    public Connector(ConnectionSettings settings, Timeouts bounds) {
        this.settings = settings;
        this.bounds = bounds;
        this.setup = new SessionSetup(bounds);
    }

    /**
     * A connection in autocommit mode, ready for statements of this library.
     *
     * @throws UnsupportedServerException if the server cannot hold the store
     */
    Opened open(Role role) throws SQLException {
        return open(role, bounds.call(role));
    }

    /**
     * As {@link #open(Role)}, with another bound than that of the role's calls.
     *
     * @throws UnsupportedServerException if the server cannot hold the store
     */
    Opened open(Role role, Duration limit) throws SQLException {
        long start = System.nanoTime();
        boolean guard = guarded;
        try {
            return open(role, limit, guard);
        } catch (SQLException e) {
            if (guard || !SessionSetup.needsGuard(e)) {
                throw e;
            }
            logger.debug("A time-out by default is too short for the setup of a session; the next are guarded", e);
            guarded = true;
            Duration left = limit.minusNanos(System.nanoTime() - start);
            if (left.toMillis() <= 0) {
                throw e;
            }
            return open(role, left, true);
        }
    }

    private Opened open(Role role, Duration limit, boolean guard) throws SQLException {
        Connection connection = settings.source().open(new Attempt(applicationName(role), limit, limit));
        try {
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(limit.toMillis()));
            connection.setAutoCommit(true);
            Session session = setup.run(connection, role, guard);
            report(session.server());
            if (!session.own()) {
                acceptPooler(connection, session);
            }
            return new Opened(connection, !session.own());
        } catch (SQLException | RuntimeException | Error e) {
            connection.abort(Runnable::run);
            throw e;
        }
    }

    /** Which server answered a renewal. Called by the renew thread. */
    public void renewedBy(String server) {
        String before = renewing;
        renewing = server;
        if (before != null && !before.equals(server)) {
            moves.incrementAndGet();
        }
    }

    boolean isRenewedBy(String server) {
        return server.equals(renewing);
    }

    /**
     * Changes when another server answers renewals. A connection that was opened before may lead to a server that is
     * not the primary any more but still runs: what it grants or certifies is worth nothing (protocol rule 4).
     */
    int moves() {
        return moves.get();
    }

    public String target() {
        return settings.source().place();
    }

    private String applicationName(Role role) {
        return "mirrored-supervisor " + role.text() + " " + settings.label();
    }

    /** Logged once per process: every session leads to the same kind of server. */
    private void report(Facts server) {
        ServerKind kind = server.kind();
        if (kind.standing() == Standing.UNTESTED && !kindReported.getAndSet(true)) {
            logger.info(
                    "The server is {}, with which the mirrored supervisor is not tested. What is known: {}.",
                    kind.name(),
                    kind.known());
        }
    }

    /** A pooler invents the backend's id that it gives to its clients; the server itself knows the real one. */
    public static boolean isPooled(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(BACKEND)) {
            result.next();
            return result.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID();
        }
    }

    /**
     * Sets nothing, as a setting might stay in the session when other clients use it. So the defaults have to be
     * acceptable.
     */
    private void acceptPooler(Connection connection, Session session) throws SQLException {
        connection.unwrap(PGConnection.class).setPrepareThreshold(0);
        if (session.synchronousCommit().equals("off") || !session.isolation().equals("read committed")) {
            throw new UnsupportedServerException(
                    "There is a connection pooler before the server, and through it sessions have"
                            + " synchronous_commit = " + session.synchronousCommit()
                            + " and default_transaction_isolation = "
                            + session.isolation()
                            + ". Set mirrored-supervisor.datasource.url to reach the server directly, or give"
                            + " the role the defaults 'on' and 'read committed'.");
        }
        if (!poolerReported.getAndSet(true)) {
            logger.warn(
                    "There is a connection pooler before {}; the settings of its sessions are left as they are. In transaction mode"
                            + " it passes no notifications on: nothing is lost, and commands take up to a renewal interval longer. Where"
                            + " that matters, let mirrored-supervisor.datasource.url name the server itself.",
                    target());
        }
    }

    /**
     * An open connection.
     *
     * @param pooled whether other clients share its sessions, so that a setting may last no longer than a transaction
     */
    record Opened(Connection connection, boolean pooled) {}
}
