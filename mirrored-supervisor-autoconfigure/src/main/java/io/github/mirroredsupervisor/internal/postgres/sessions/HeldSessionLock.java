package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.postgres.connection.Connector;
import io.github.mirroredsupervisor.internal.postgres.server.ServerIdentity;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The advisory lock of this process (protocol rule 10). The listen session takes it, as no statement ever waits on that
 * session, and every renewal publishes it. If an application already uses the key, another key is tried without waiting
 * (faults I25). Thread-safe.
 */
public final class HeldSessionLock {

    private static final Logger logger = LoggerFactory.getLogger(HeldSessionLock.class);

    // One statement, as a pooler may send the next one to another session.
    private static final String TRY = """
            select own.is_it as own,
                   case when own.is_it then SERVER end as server,
                   case when own.is_it then pg_catalog.pg_try_advisory_lock(?) end as granted
            from (select pg_catalog.pg_backend_pid() operator(pg_catalog.=) ? as is_it) as own
            """;

    private final RandomGenerator random;
    private final ServerIdentity server;
    private final Connector connector;
    private final AtomicReference<@Nullable SessionLock> held = new AtomicReference<>();
    private final AtomicBoolean givenUp = new AtomicBoolean();

    /**
     * A lock that is not held.
     *
     * @param random for the keys, of 63 bits
     */
    public HeldSessionLock(RandomGenerator random, ServerIdentity server, Connector connector) {
        this.random = random;
        this.server = server;
        this.connector = connector;
    }

    /** Takes a new lock on a session that has none; takes none if other clients share the session. */
    @Nullable
    public SessionLock take(Connection session, PeerId me) throws SQLException {
        while (!givenUp.get()) {
            long key = random.nextLong() >>> 1;
            Try made = server.ask(expression -> attempt(session, expression, key));
            if (!made.own()) {
                giveUp();
            } else if (made.granted()) {
                SessionLock taken = new SessionLock(me, key, made.server());
                held.set(taken);
                return taken;
            }
        }
        return null;
    }

    private static Try attempt(Connection session, String identity, long key) throws SQLException {
        try (PreparedStatement attempt = session.prepareStatement(TRY.replace("SERVER", identity))) {
            attempt.setLong(1, key);
            attempt.setInt(2, session.unwrap(PGConnection.class).getBackendPID());
            try (ResultSet result = attempt.executeQuery()) {
                result.next();
                String server = result.getString("server");
                return new Try(result.getBoolean("own"), server == null ? "" : server, result.getBoolean("granted"));
            }
        }
    }

    /**
     * One try to take a key.
     *
     * @param own whether no other client shares the session; otherwise nothing was tried
     */
    private record Try(boolean own, String server, boolean granted) {}

    /** The session that took it is gone, or about to end. */
    void lost(@Nullable SessionLock taken) {
        held.compareAndSet(taken, null);
    }

    /** The lock that a peer has to publish; null while it holds none. */
    @Nullable
    SessionLock heldBy(PeerId peer) {
        SessionLock lock = held.get();
        return lock != null && lock.peer().equals(peer) ? lock : null;
    }

    /** There is a pooler: this process takes no lock any more. */
    void giveUp() {
        if (!givenUp.getAndSet(true)) {
            logger.warn(
                    "There is a connection pooler before {}, and through it a lock does not show whether a process lives: children with"
                            + " takeover IMMEDIATE wait for the lease like the others. Ownership does not depend on it. Set"
                            + " mirrored-supervisor.datasource.url to reach the server directly, or"
                            + " mirrored-supervisor.session-hints=off to do without.",
                    connector.target());
        }
    }
}
