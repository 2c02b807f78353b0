package io.github.mirroredsupervisor.internal.postgres.connection;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Where PostgreSQL looks for functions, operators and types whose schema is not named. A role that may create objects
 * in a schema of the path can put its own code there under the name of a built-in. Every caller of that name then runs
 * the code with the caller's rights. So this library's statements run with a path that contains only the built-ins. On
 * connections of the application they name the schema of everything they use, and so do the statements of this class.
 * Thread-safe.
 */
public final class SearchPath {

    /** Temporary objects are named last; otherwise they would come first. */
    static final String BUILT_IN = "pg_catalog, pg_temp";

    private static final String PIN = "select pg_catalog.set_config('search_path', '" + BUILT_IN + "', LOCAL)";

    private static final String READ = "select pg_catalog.current_setting('search_path')";

    private static final String RESTORE = "select pg_catalog.set_config('search_path', ?, false)";

    private SearchPath() {}

    /** Built-ins only, until the end of the session. */
    public static void pinSession(Connection connection) throws SQLException {
        execute(connection, PIN.replace("LOCAL", "false"));
    }

    /** Built-ins only, until the end of the open transaction: for sessions that other clients use after it. */
    public static void pinTransaction(Connection connection) throws SQLException {
        execute(connection, PIN.replace("LOCAL", "true"));
    }

    /** The path that the session has. */
    public static @Nullable String read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(READ)) {
            result.next();
            return result.getString(1);
        }
    }

    /** Gives a session back the path that it had. */
    public static void restore(Connection connection, @Nullable String path) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RESTORE)) {
            statement.setString(1, path);
            statement.execute();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
