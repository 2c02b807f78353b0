package io.github.mirroredsupervisor.autoconfigure.schema;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Finds the sessions that hold locks on the supervisor's tables. */
final class LockHolders {

    private static final String HOLDERS = """
            SELECT a.pid, a.application_name, a.usename, c.relname, l.mode, a.xact_start
            FROM pg_catalog.pg_locks l
            JOIN pg_catalog.pg_class c ON c.oid = l.relation
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE l.granted AND n.nspname = 'mirrored_supervisor' AND c.relkind = 'r'
              AND l.pid <> pg_catalog.pg_backend_pid() AND a.datname = pg_catalog.current_database()
            ORDER BY a.xact_start, a.pid, c.relname
            LIMIT 5
            """;

    private static final String TABLES = """
            SELECT pg_catalog.quote_ident(c.relname)
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'mirrored_supervisor' AND c.relkind = 'r'
            ORDER BY c.relname
            """;

    private LockHolders() {}

    /**
     * Takes the table locks that a migration may need, and releases them.
     *
     * @throws SQLException if another session keeps one of the tables locked
     */
    static void requireNone(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            List<String> tables = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(TABLES)) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
            for (String table : tables) {
                statement.execute("LOCK TABLE mirrored_supervisor." + table + " IN ACCESS EXCLUSIVE MODE");
            }
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /**
     * Describes the lock holders in one line, the longest running transaction first. Empty if there are none any more,
     * or if they cannot be read.
     */
    static String describe(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(HOLDERS);
                ResultSet rows = statement.executeQuery()) {
            List<String> holders = new ArrayList<>();
            while (rows.next()) {
                holders.add("process " + rows.getInt("pid") + " (" + rows.getString("application_name") + ", user "
                        + rows.getString("usename") + ") holds " + rows.getString("mode") + " on "
                        + rows.getString("relname") + " since " + rows.getString("xact_start"));
            }
            return String.join("; ", holders);
        } catch (SQLException ex) {
            return "";
        }
    }
}
