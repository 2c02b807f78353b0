package io.github.mirroredsupervisor.internal.postgres.connection;

import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, once, whether notifications arrive at all: through a transaction pooler LISTEN succeeds and brings nothing
 * (faults F4). The notification is sent from another connection, as the pooler hands over what comes while the session
 * is its client's.
 */
public final class PoolerProbe {

    private static final Logger logger = LoggerFactory.getLogger(PoolerProbe.class);

    private static final String NOTIFY = "select pg_catalog.pg_notify(?, '')";

    private final Connector connector;
    private final int patienceMillis;
    private final AtomicBoolean done = new AtomicBoolean();

    public PoolerProbe(Connector connector, Timeouts bounds) {
        this.connector = connector;
        this.patienceMillis = Math.toIntExact(bounds.work().toMillis() / 2);
    }

    /** Asks at the first call only. */
    public void run(Connection listening) throws SQLException {
        if (done.get()) {
            return;
        }
        String channel = "mirrored_supervisor_probe_"
                + UUID.randomUUID().toString().substring(0, 8).toLowerCase(Locale.ROOT);
        execute(listening, "listen " + channel);
        if (notifiedFromElsewhere(channel) && !arrives(listening, channel)) {
            logger.warn(
                    "Notifications from {} do not arrive, most likely because of a connection pooler in transaction mode. Nothing"
                            + " is lost, and commands take up to a renewal interval longer. Set mirrored-supervisor.datasource.url"
                            + " to reach the server directly.",
                    connector.target());
        }
        execute(listening, "unlisten " + channel);
        done.set(true);
    }

    /** A probe that cannot be made proves nothing, and is no reason not to listen. */
    private boolean notifiedFromElsewhere(String channel) {
        try (Connection other = connector.open(Role.WORK).connection();
                PreparedStatement notify = other.prepareStatement(NOTIFY)) {
            notify.setString(1, channel);
            return notify.execute();
        } catch (SQLException | UnsupportedServerException e) {
            logger.debug("Could not find out whether notifications arrive", e);
            return false;
        }
    }

    private boolean arrives(Connection listening, String channel) throws SQLException {
        long start = System.nanoTime();
        long left = patienceMillis;
        while (left > 0) {
            PGNotification[] notifications =
                    listening.unwrap(PGConnection.class).getNotifications(Math.toIntExact(left));
            if (notifications != null) {
                for (PGNotification notification : notifications) {
                    if (notification.getName().equals(channel)) {
                        return true;
                    }
                }
            }
            left = patienceMillis - (System.nanoTime() - start) / 1_000_000;
        }
        return false;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
