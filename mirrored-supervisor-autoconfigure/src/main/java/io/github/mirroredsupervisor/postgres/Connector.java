package io.github.mirroredsupervisor.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
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

    // One round trip, and parameters rather than a startup option, which PgBouncer refuses. The path of names that it
    // sets
    // does not hold for itself.
    private static final String PREPARE_SESSION = """
            select pg_catalog.set_config('search_path', 'BUILT_IN', false),
                   pg_catalog.set_config('synchronous_commit',
                       case when pg_catalog.current_setting('synchronous_commit') operator(pg_catalog.=) 'remote_apply'
                            then 'remote_apply' else 'on' end, false),
                   pg_catalog.set_config('default_transaction_isolation', 'read committed', false),
                   pg_catalog.set_config('statement_timeout', ?, false),
                   pg_catalog.set_config('lock_timeout', ?, false),
                   pg_catalog.set_config('idle_in_transaction_session_timeout', ?, false),
                   pg_catalog.set_config('idle_session_timeout', '0', false),
                   pg_catalog.set_config('tcp_keepalives_idle', ?, false),
                   pg_catalog.set_config('tcp_keepalives_interval', '1', false),
                   pg_catalog.set_config('tcp_keepalives_count', '3', false),
                   pg_catalog.set_config('tcp_user_timeout', ?, false),
                   pg_catalog.set_config('plan_cache_mode', ?, false)
            """.replace("BUILT_IN", SearchPath.BUILT_IN);

    // Not every platform of the server can do this one, and then it is an error to ask.
    private static final String NOTICE_LOST_CLIENTS = """
            do $$
            begin
                perform pg_catalog.set_config('client_connection_check_interval', '%dms', false);
            exception when others then
                null;
            end
            $$
            """;

    private static final String DEFAULTS = """
            select pg_catalog.current_setting('synchronous_commit'),
                   pg_catalog.current_setting('default_transaction_isolation')
            """;

    private final ConnectionSettings settings;
    private final Bounds bounds;
    private final AtomicBoolean poolerReported = new AtomicBoolean();

    Connector(ConnectionSettings settings, Bounds bounds) {
        this.settings = settings;
        this.bounds = bounds;
    }

    /**
     * A connection in autocommit mode, ready for statements of this library.
     *
     * @throws UnsupportedServerException if the server cannot hold the store
     */
    Opened open(Role role) throws SQLException {
        Duration limit = bounds.call(role);
        Connection connection = DriverManager.getConnection(
                JdbcUrls.without(settings.jdbcUrl(), OWN_PARAMETERS), properties(role, limit));
        try {
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(limit.toMillis()));
            connection.setAutoCommit(true);
            ServerCheck.verify(connection);
            boolean pooled = isPooled(connection);
            if (pooled) {
                acceptPooler(connection);
            } else {
                prepareSession(connection, role);
            }
            return new Opened(connection, pooled);
        } catch (SQLException | RuntimeException | Error e) {
            connection.abort(Runnable::run);
            throw e;
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
        properties.setProperty("loginTimeout", limit.toSeconds() + "." + "%03d".formatted(limit.toMillisPart()));
        // The other two end the driver's own thread, which goes on after the attempt was given up.
        properties.setProperty("connectTimeout", wholeSeconds);
        properties.setProperty("socketTimeout", wholeSeconds);
        properties.setProperty("cancelSignalTimeout", "1");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("ApplicationName", applicationName(role));
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

    private void prepareSession(Connection connection, Role role) throws SQLException {
        Duration call = bounds.call(role);
        try (PreparedStatement prepare = connection.prepareStatement(PREPARE_SESSION)) {
            prepare.setString(1, bounds.statement(role).toMillis() + "ms");
            prepare.setString(2, bounds.lockWait(role).toMillis() + "ms");
            prepare.setString(3, call.toMillis() + "ms");
            prepare.setString(4, Long.toString(Math.max(1, bounds.lease().toSeconds() / 3)));
            prepare.setString(5, bounds.lease().toMillis() + "ms");
            // A plan made for any number of rows is a hundred times slower for a thousand.
            prepare.setString(6, role == Role.WORK ? "force_custom_plan" : "auto");
            prepare.execute();
        }
        try (Statement notice = connection.createStatement()) {
            notice.execute(NOTICE_LOST_CLIENTS.formatted(
                    Math.max(100, bounds.lease().dividedBy(3).toMillis())));
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
    private void acceptPooler(Connection connection) throws SQLException {
        connection.unwrap(PGConnection.class).setPrepareThreshold(0);
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(DEFAULTS)) {
            result.next();
            if (result.getString(1).equals("off") || !result.getString(2).equals("read committed")) {
                throw new UnsupportedServerException(
                        "There is a connection pooler before the server, and through it sessions have"
                                + " synchronous_commit = " + result.getString(1)
                                + " and default_transaction_isolation = "
                                + result.getString(2)
                                + ". Set mirrored-supervisor.datasource.url to reach the server directly, or give"
                                + " the role the defaults 'on' and 'read committed'.");
            }
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
