package io.github.mirroredsupervisor.internal.postgres.server;

import io.github.mirroredsupervisor.internal.postgres.server.ServerKind.Standing;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Whether a server can hold the store: PostgreSQL 14 or later, the primary, writable. Thread-safe. */
public final class ServerCheck {

    private static final int OLDEST_MAJOR_VERSION = 14;

    /** Select list of all columns that describe the server. */
    public static final String FACTS = """
            pg_catalog.version() as version,
            pg_catalog.pg_is_in_recovery() as in_recovery,
            pg_catalog.current_setting('transaction_read_only') as read_only,
            pg_catalog.current_setting('crdb_version', true) as "crdb_version",
            pg_catalog.current_setting('neon.timeline_id', true) as "neon.timeline_id",
            pg_catalog.current_setting('citus.shard_count', true) as "citus.shard_count",
            pg_catalog.current_setting('alloydb.iam_authentication', true) as "alloydb.iam_authentication",
            cast(pg_catalog.to_regproc('pg_catalog.aurora_version') as pg_catalog.text) as "aurora_version"
            """;

    private static final Set<String> SIGNS = Set.of(
            "crdb_version", "neon.timeline_id", "citus.shard_count", "alloydb.iam_authentication", "aurora_version");

    private static final String VERSION = "select pg_catalog.version()";

    private ServerCheck() {}

    /** What a server reported about itself. */
    public record Facts(String version, boolean inRecovery, boolean readOnly, Set<String> signs) {

        public static Facts read(ResultSet row) throws SQLException {
            Set<String> signs = new HashSet<>();
            for (String sign : SIGNS) {
                if (row.getString(sign) != null) {
                    signs.add(sign);
                }
            }
            return new Facts(
                    row.getString("version"),
                    row.getBoolean("in_recovery"),
                    "on".equals(row.getString("read_only")),
                    signs);
        }

        public ServerKind kind() {
            return ServerKind.of(version, signs);
        }

        /**
         * Checks that the server can hold the store.
         *
         * @throws UnsupportedServerException if it cannot
         */
        public void verify() {
            refuse(kindProblem(kind(), version));
            refuse(standingProblem(inRecovery, readOnly));
        }
    }

    /**
     * Checks the server at the other end. Does not change the connection.
     *
     * @throws UnsupportedServerException if it cannot hold the store
     * @throws SQLException if it cannot be queried
     */
    public static void verify(Connection connection) throws SQLException {
        verifyVersion(connection);
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select " + FACTS)) {
            result.next();
            Facts.read(result).verify();
        } catch (SQLException e) {
            explain(connection, e);
            throw e;
        }
    }

    /** Uses only the driver's metadata, unless the driver reports that the server is not supported. */
    public static void verifyVersion(Connection connection) throws SQLException {
        DatabaseMetaData server = connection.getMetaData();
        Optional<String> problem = productProblem(server.getDatabaseProductName(), server.getDatabaseMajorVersion());
        if (problem.isPresent()) {
            refuseKind(connection);
            refuse(problem);
        }
    }

    /**
     * Checks whether a query failed because the server is not PostgreSQL.
     *
     * @throws UnsupportedServerException if so
     */
    public static void explain(Connection connection, SQLException failure) throws SQLException {
        if (SqlStates.answer(failure) == SqlStates.Answer.REFUSAL
                && !connection.isClosed()
                && connection.getAutoCommit()) {
            try {
                refuseKind(connection);
            } catch (SQLException e) {
                failure.addSuppressed(e);
            }
        }
    }

    private static void refuseKind(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(VERSION)) {
            result.next();
            String version = result.getString(1);
            refuse(kindProblem(ServerKind.of(version == null ? "" : version, Set.of()), String.valueOf(version)));
        }
    }

    public static Optional<String> productProblem(String product, int majorVersion) {
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

    static Optional<String> kindProblem(ServerKind kind, String version) {
        return kind.standing() == Standing.REFUSED
                ? Optional.of(
                        "The mirrored supervisor needs PostgreSQL, and this is " + kind.name() + " (version() says \""
                                + version.lines().findFirst().orElse("") + "\"): it " + kind.known()
                                + ". Point mirrored-supervisor.datasource.url at a PostgreSQL server.")
                : Optional.empty();
    }

    public static Optional<String> standingProblem(boolean inRecovery, boolean readOnly) {
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
