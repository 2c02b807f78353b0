package io.github.mirroredsupervisor.autoconfigure.schema;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Connections on which no statement waits long for a lock. A session that waits for a table lock blocks every session
 * that requests a conflicting lock after it. Closing a connection restores its previous lock time-out.
 */
public final class ImpatientDataSource extends DelegatingDataSource {

    private static final Logger log = LoggerFactory.getLogger(ImpatientDataSource.class);

    // The select list is evaluated in order, so this reads the old value before it sets the new one.
    private static final String EXCHANGE = """
            SELECT pg_catalog.current_setting('lock_timeout'), pg_catalog.set_config('lock_timeout', ?, false)
            """;

    private final Duration patience;

    public ImpatientDataSource(DataSource target, Duration patience) {
        super(target);
        this.patience = patience;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return impatient(super.getConnection());
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        return impatient(super.getConnection(username, password));
    }

    private Connection impatient(Connection connection) throws SQLException {
        String before;
        try {
            if (!"PostgreSQL".equals(connection.getMetaData().getDatabaseProductName())) {
                return connection;
            }
            before = exchange(connection, patience.toMillis() + "ms");
        } catch (SQLException | RuntimeException ex) {
            connection.close();
            throw ex;
        }
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close") && !connection.isClosed()) {
                        restore(connection, before);
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException ex) {
                        throw ex.getCause() == null ? ex : ex.getCause();
                    }
                });
    }

    /** A session whose state cannot be restored is aborted. */
    private static void restore(Connection connection, String before) throws SQLException {
        try {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
            exchange(connection, before);
        } catch (SQLException ex) {
            log.debug("A connection is thrown away", ex);
            connection.abort(Runnable::run);
        }
    }

    /** Sets the lock time-out and returns its previous value. */
    private static String exchange(Connection connection, String value) throws SQLException {
        String before;
        try (PreparedStatement statement = connection.prepareStatement(EXCHANGE)) {
            statement.setString(1, value);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                before = row.getString(1);
            }
        }
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
        return before;
    }
}
