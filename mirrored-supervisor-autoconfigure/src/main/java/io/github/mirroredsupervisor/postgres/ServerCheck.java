package io.github.mirroredsupervisor.postgres;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** Whether a server can hold the store: PostgreSQL 14 or later, the primary, writable. Thread-safe. */
public final class ServerCheck {

    private static final int OLDEST_MAJOR_VERSION = 14;

    private static final String STANDING =
            "select pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')";

    private ServerCheck() {}

    /**
     * Checks the server at the other end. The connection is left as it was.
     *
     * @throws UnsupportedServerException if it cannot hold the store
     * @throws SQLException if it cannot be asked
     */
    public static void verify(Connection connection) throws SQLException {
        DatabaseMetaData server = connection.getMetaData();
        refuse(productProblem(server.getDatabaseProductName(), server.getDatabaseMajorVersion()));
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(STANDING)) {
            result.next();
            refuse(standingProblem(result.getBoolean(1), "on".equals(result.getString(2))));
        }
    }

    static Optional<String> productProblem(String product, int majorVersion) {
        if (!product.equals("PostgreSQL")) {
            return Optional.of("The mirrored supervisor keeps its state in PostgreSQL, and this is " + product
                    + ". Point mirrored-supervisor.datasource.url at a PostgreSQL server.");
        }
        if (majorVersion < OLDEST_MAJOR_VERSION) {
            return Optional.of("The mirrored supervisor needs PostgreSQL " + OLDEST_MAJOR_VERSION
                    + " or later, and this server is version " + majorVersion + ". Upgrade the server.");
        }
        return Optional.empty();
    }

    static Optional<String> standingProblem(boolean inRecovery, boolean readOnly) {
        if (inRecovery) {
            return Optional.of(
                    "This server is a standby and cannot be written. Point the connection at the primary, or list"
                            + " all hosts in the URL with targetServerType=primary.");
        }
        if (readOnly) {
            return Optional.of(
                    "Transactions on this server are read-only. Point the connection at a writable primary, and"
                            + " remove default_transaction_read_only from the role, the database or the server.");
        }
        return Optional.empty();
    }

    private static void refuse(Optional<String> problem) {
        problem.ifPresent(text -> {
            throw new UnsupportedServerException(text);
        });
    }
}
