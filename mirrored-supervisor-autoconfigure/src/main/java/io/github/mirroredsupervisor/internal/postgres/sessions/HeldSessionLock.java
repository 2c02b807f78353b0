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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The advisory lock of this process (protocol rule 10). The listen session takes it, as no statement ever waits on that
 * session, and every renewal publishes it. If an application already uses the key, another key is tried without waiting
 * (faults I25). Thread-safe.
 */
public final class HeldSessionLock {

    private static final Logger logger = LoggerFactory.getLogger(HeldSessionLock.class);

    private static final String TRY = "select pg_catalog.pg_try_advisory_lock(?)";

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
        if (Connector.isPooled(session)) {
            giveUp();
        }
        if (givenUp.get()) {
            return null;
        }
        String where = server.of(session);
        try (PreparedStatement attempt = session.prepareStatement(TRY)) {
            long key;
            do {
                key = random.nextLong() >>> 1;
            } while (!granted(attempt, key));
            SessionLock taken = new SessionLock(me, key, where);
            held.set(taken);
            return taken;
        }
    }

    private static boolean granted(PreparedStatement attempt, long key) throws SQLException {
        attempt.setLong(1, key);
        try (ResultSet result = attempt.executeQuery()) {
            result.next();
            return result.getBoolean(1);
        }
    }

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
