package io.github.mirroredsupervisor.autoconfigure.schema;

import io.github.mirroredsupervisor.internal.postgres.connection.SearchPath;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Connections for reading or migrating the schema. Unqualified names in statements, including Flyway's, resolve to
 * PostgreSQL's built-in objects. Closing a connection restores its search path. Connections to other databases are not
 * changed. Thread-safe.
 */
final class BuiltInNamesDataSource extends DelegatingDataSource {

    private static final Logger log = LoggerFactory.getLogger(BuiltInNamesDataSource.class);

    BuiltInNamesDataSource(DataSource target) {
        super(target);
    }

    @Override
    public Connection getConnection() throws SQLException {
        return pinned(super.getConnection());
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        return pinned(super.getConnection(username, password));
    }

    private static Connection pinned(Connection connection) throws SQLException {
        try {
            if (!"PostgreSQL".equals(connection.getMetaData().getDatabaseProductName())) {
                return connection;
            }
            String path = SearchPath.read(connection);
            SearchPath.pinSession(connection);
            keep(connection);
            return (Connection) Proxy.newProxyInstance(
                    BuiltInNamesDataSource.class.getClassLoader(),
                    new Class<?>[] {Connection.class},
                    (Object proxy, Method method, Object[] arguments) -> {
                        if (method.getName().equals("close") && !connection.isClosed()) {
                            restore(connection, path);
                        }
                        return invoke(connection, method, arguments);
                    });
        } catch (SQLException | RuntimeException ex) {
            connection.close();
            throw ex;
        }
    }

    private static @Nullable Object invoke(Connection connection, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(connection, arguments);
        } catch (InvocationTargetException ex) {
            throw ex.getCause() == null ? ex : ex.getCause();
        }
    }

    /** A session whose state cannot be restored is aborted. */
    private static void restore(Connection connection, @Nullable String path) throws SQLException {
        try {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
            SearchPath.restore(connection, path);
            keep(connection);
        } catch (SQLException ex) {
            log.debug("A connection is thrown away", ex);
            connection.abort(Runnable::run);
        }
    }

    private static void keep(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
    }
}
