package io.github.mirroredsupervisor.internal.postgres.source;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import org.postgresql.Driver;
import org.postgresql.util.PSQLState;

/**
 * Connections of the PostgreSQL driver by a URL. The application's settings for the way to the server are kept: TLS,
 * sockets, {@code options}, the mode of queries. Settings that would undo the bounds, or change the meaning of this
 * library's statements, are replaced. Thread-safe.
 */
public final class DriverConnections extends ConnectionSource {

    /** Time limits, set to what the lease allows. */
    static final Set<String> BOUNDS = Set.of(
            "loginTimeout",
            "connectTimeout",
            "socketTimeout",
            "sslResponseTimeout",
            "gssResponseTimeout",
            "cancelSignalTimeout",
            "tcpKeepAlive",
            "ApplicationName",
            "targetServerType",
            "hostRecheckSeconds");

    /** How the driver treats statements and results; those of this library are written for its defaults. */
    static final Set<String> DEFAULTED = Set.of(
            "adaptiveFetch",
            "adaptiveFetchMaximum",
            "adaptiveFetchMinimum",
            "allowEncodingChanges",
            "autosave",
            "cleanupSavepoints",
            "convertBooleanToNumeric",
            "defaultRowFetchSize",
            "disableColumnSanitiser",
            "escapeSyntaxCallMode",
            "flushCacheOnDdl",
            "logUnclosedConnections",
            "maxResultBuffer",
            "queryTimeout",
            "quoteReturningIdentifiers",
            "reWriteBatchedInserts",
            "reWriteBatchedInsertsSize",
            "readOnly",
            "readOnlyMode",
            "replication",
            "stringtype",
            "tcpNoDelay",
            "unknownLength");

    private static final Driver DRIVER = new Driver();

    private final String url;
    private final Map<String, String> properties;
    private final Supplier<Credentials> credentials;
    private final Preparation preparation;

    /**
     * Describes how to connect to the database.
     *
     * @param url as for any connection to PostgreSQL; its parameters prevail over the properties and the credentials
     * @param properties further properties of the driver, such as those of TLS
     * @param credentials called at each attempt, as they may have changed; may take time and may fail
     * @param preparation prepares each new session
     */
    public DriverConnections(
            String url, Map<String, String> properties, Supplier<Credentials> credentials, Preparation preparation) {
        this.url = JdbcUrls.without(JdbcUrls.without(url, BOUNDS), DEFAULTED);
        this.properties = Map.copyOf(properties);
        this.credentials = credentials;
        this.preparation = preparation;
    }

    /** Keeps secrets out of what the driver may print, and hides those that it prints anyway. */
    @Override
    Connection connect(Attempt attempt) throws SQLException {
        Credentials present = credentials.get();
        Secrets secrets = Secrets.of(url, present.username(), present.password(), properties);
        try {
            return connect(complete(present, attempt));
        } catch (SQLException e) {
            throw secrets.hide(e);
        } catch (RuntimeException e) {
            throw secrets.hide(e);
        }
    }

    private Connection connect(Properties complete) throws SQLException {
        Connection connection = DRIVER.connect(JdbcUrls.forDriver(url, complete), complete);
        if (connection == null) {
            throw new SQLException(
                    "The PostgreSQL driver does not know the URL " + place(),
                    PSQLState.CONNECTION_UNABLE_TO_CONNECT.getState());
        }
        try {
            preparation.prepare(connection);
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.abort(Runnable::run);
            throw e;
        }
    }

    /** All properties for the driver. */
    private Properties complete(Credentials present, Attempt attempt) {
        Properties complete = new Properties();
        complete.putAll(properties);
        DEFAULTED.forEach(complete::remove);
        BOUNDS.forEach(complete::remove);
        if (present.username() != null) {
            complete.setProperty("user", present.username());
        }
        if (present.password() != null) {
            complete.setProperty("password", present.password());
        }
        Duration limit = attempt.limit();
        // The whole attempt has its own thread and bound. These time-outs end the waits of that thread after the
        // attempt was given up.
        complete.setProperty("loginTimeout", "0");
        complete.setProperty("connectTimeout", Attempt.seconds(limit));
        complete.setProperty("socketTimeout", Attempt.seconds(attempt.answer()));
        complete.setProperty("sslResponseTimeout", Long.toString(limit.toMillis()));
        complete.setProperty("gssResponseTimeout", Long.toString(limit.toMillis()));
        complete.setProperty("cancelSignalTimeout", "1");
        complete.setProperty("tcpKeepAlive", "true");
        complete.setProperty("ApplicationName", attempt.applicationName());
        // The name is then sent with the first packet, and needs no separate round trip.
        complete.putIfAbsent("assumeMinServerVersion", "9.0");
        if (JdbcUrls.hasSeveralHosts(url)) {
            complete.setProperty("targetServerType", "primary");
            complete.setProperty("hostRecheckSeconds", "1");
        }
        return complete;
    }

    @Override
    public String place() {
        return JdbcUrls.withoutParameters(url);
    }
}
