package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.postgres.ServerCheck.Facts;
import io.github.mirroredsupervisor.postgres.ServerKind.Standing;
import io.github.mirroredsupervisor.postgres.SessionSetup.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the private connections: never pooled, bounded from the first packet on, checked to reach a writable primary, and
 * independent of whatever time-outs and defaults the role or the database has (faults §2d, §3). Thread-safe.
 */
final class Connector {

    private static final Logger logger = LoggerFactory.getLogger(Connector.class);

    /** Parameters of the URL that would undo the bounds. */
    private static final Set<String> OWN_PARAMETERS = Set.of(
            "loginTimeout",
            "connectTimeout",
            "socketTimeout",
            "cancelSignalTimeout",
            "tcpKeepAlive",
            "ApplicationName",
            "autosave",
            "readOnly",
            "queryTimeout",
            "options");

    private static final int LONGEST_APPLICATION_NAME = 63;

    private static final String BACKEND = "select pg_catalog.pg_backend_pid()";

    private final ConnectionSettings settings;
    private final Bounds bounds;
    private final SessionSetup setup;
    private final AtomicBoolean kindReported = new AtomicBoolean();
    private final AtomicBoolean poolerReported = new AtomicBoolean();

    Connector(ConnectionSettings settings, Bounds bounds) {
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
     * The same, with another bound than that of the role's calls.
     *
     * @throws UnsupportedServerException if the server cannot hold the store
     */
    Opened open(Role role, Duration limit) throws SQLException {
        Connection connection = connect(role, limit);
        try {
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(limit.toMillis()));
            connection.setAutoCommit(true);
            Session session = setup.run(connection, role);
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

    /** The driver is not given what it may print, and what it prints all the same is hidden. */
    private Connection connect(Role role, Duration limit) throws SQLException {
        Secrets secrets =
                Secrets.of(settings.jdbcUrl(), settings.username(), settings.password(), settings.properties());
        try {
            Properties properties = properties(role, limit);
            String url = JdbcUrls.forDriver(JdbcUrls.without(settings.jdbcUrl(), OWN_PARAMETERS), properties);
            return DriverManager.getConnection(url, properties);
        } catch (SQLException e) {
            throw secrets.hide(e);
        } catch (RuntimeException e) {
            throw secrets.hide(e);
        }
    }

    String target() {
        return JdbcUrls.withoutParameters(settings.jdbcUrl());
    }

    private Properties properties(Role role, Duration limit) {
        Properties properties = new Properties();
        properties.putAll(settings.properties());
        OWN_PARAMETERS.forEach(properties::remove);
        if (settings.username() != null) {
            properties.setProperty("user", settings.username());
        }
        if (settings.password() != null) {
            properties.setProperty("password", settings.password());
        }
        String wholeSeconds = Long.toString(limit.plusMillis(999).toSeconds());
        // Bounds the whole attempt, name resolution and TLS included; the driver reads fractions of seconds.
        properties.setProperty(
                "loginTimeout", limit.toSeconds() + "." + String.format(Locale.ROOT, "%03d", limit.toMillisPart()));
        // The other two end the driver's own thread, which goes on after the attempt was given up.
        properties.setProperty("connectTimeout", wholeSeconds);
        properties.setProperty("socketTimeout", wholeSeconds);
        properties.setProperty("cancelSignalTimeout", "1");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("ApplicationName", applicationName(role));
        // The name then goes with the first packet, and not in a round trip of its own.
        properties.setProperty("assumeMinServerVersion", "9.0");
        if (JdbcUrls.hasSeveralHosts(settings.jdbcUrl())) {
            properties.putIfAbsent("targetServerType", "primary");
            properties.putIfAbsent("hostRecheckSeconds", "1");
        }
        return properties;
    }

    private String applicationName(Role role) {
        String name = "mirrored-supervisor " + role.text() + " " + settings.label();
        return name.substring(0, Math.min(name.length(), LONGEST_APPLICATION_NAME));
    }

    /** Once for this process: every session leads to the same kind of server. */
    private void report(Facts server) {
        ServerKind kind = server.kind();
        if (kind.standing() == Standing.UNTESTED && !kindReported.getAndSet(true)) {
            logger.info(
                    "The server is {}, with which the mirrored supervisor is not tested. What is known: {}.",
                    kind.name(),
                    kind.known());
        }
    }

    /** A pooler makes up the backend's id that it gives to its clients; the server itself knows the true one. */
    static boolean isPooled(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(BACKEND)) {
            result.next();
            return result.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID();
        }
    }

    /** Sets nothing, as it might stay in a session that other clients use after this one; so the defaults must do. */
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
            logger.info(
                    "There is a connection pooler before {}; the settings of its sessions are left as they are",
                    target());
        }
    }

    /**
     * An open connection.
     *
     * @param pooled whether its sessions are those of other clients too, so that nothing may be set in them for longer than a transaction
     */
    record Opened(Connection connection, boolean pooled) {}
}
