package io.github.mirroredsupervisor.autoconfigure.schema;

import io.github.mirroredsupervisor.autoconfigure.schema.SchemaScripts.Script;
import io.github.mirroredsupervisor.internal.postgres.server.ServerCheck;
import io.github.mirroredsupervisor.internal.postgres.server.ServerCheck.Facts;
import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What Flyway has recorded about the schema. It is read without Flyway, to see whether there is anything for it to do.
 *
 * @param entries in the order in which they were recorded
 */
record SchemaHistory(List<Entry> entries) {

    // One round trip and one transaction. The limit comes first, as the second statement may wait for a lock before it
    // runs; it ends with the transaction, as the session may be shared.
    private static final String READ = """
            SELECT pg_catalog.set_config('lock_timeout', ?, true);
            SELECT FACTS,
                   h.installed_rank, h.version AS script, h.description, h.type, h.checksum, h.success
            FROM (SELECT) AS server
            LEFT JOIN mirrored_supervisor.flyway_schema_history h ON true
            ORDER BY h.installed_rank
            """.replace("FACTS", ServerCheck.FACTS.strip());

    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    SchemaHistory {
        entries = List.copyOf(entries);
    }

    /** One row of the history. */
    record Entry(
            @Nullable String version,
            @Nullable String description,
            @Nullable String type,
            @Nullable Integer checksum,
            boolean success) {

        private boolean isFrom(Script script) {
            return success
                    && "SQL".equals(type)
                    && String.valueOf(script.version()).equals(version)
                    && script.description().equals(description)
                    && Integer.valueOf(script.checksum()).equals(checksum);
        }

        private boolean is(String kind) {
            return success && kind.equals(type);
        }
    }

    /**
     * Reads the history, and checks the server in the same round trip.
     *
     * @param patience how long to wait for whoever keeps the table locked
     * @throws SQLException if there is no history, or if it cannot be read
     * @throws UnsupportedServerException if the server cannot hold the store
     */
    static SchemaHistory read(Connection connection, Duration patience) throws SQLException {
        ServerCheck.verifyVersion(connection);
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setString(1, patience.toMillis() + "ms");
            statement.execute();
            statement.getMoreResults();
            try (ResultSet rows = statement.getResultSet()) {
                return read(rows);
            }
        } catch (SQLException ex) {
            ServerCheck.explain(connection, ex);
            throw ex;
        }
    }

    private static SchemaHistory read(ResultSet rows) throws SQLException {
        List<Entry> entries = new ArrayList<>();
        while (rows.next()) {
            if (entries.isEmpty()) {
                Facts.read(rows).verify();
            }
            if (rows.getObject("installed_rank") != null) {
                entries.add(new Entry(
                        rows.getString("script"),
                        rows.getString("description"),
                        rows.getString("type"),
                        checksum(rows),
                        rows.getBoolean("success")));
            }
        }
        return new SchemaHistory(entries);
    }

    private static @Nullable Integer checksum(ResultSet row) throws SQLException {
        int checksum = row.getInt("checksum");
        return row.wasNull() ? null : checksum;
    }

    /**
     * Whether exactly these scripts were run, each with success and unchanged since, so that Flyway would neither do
     * nor report anything. Everything else is for Flyway to judge.
     *
     * @param scripts in the order of their versions
     */
    boolean isExactly(List<Script> scripts) {
        Deque<Entry> left = new ArrayDeque<>(entries);
        int baseline = 0;
        if (!left.isEmpty() && left.element().is("SCHEMA")) { // Flyway created the schema
            left.remove();
        }
        if (!left.isEmpty() && left.element().is("BASELINE")) { // the scripts up to this version were run by hand
            String version = String.valueOf(left.remove().version());
            if (!NUMBER.matcher(version).matches()) {
                return false;
            }
            baseline = Integer.parseInt(version);
        }
        int last = baseline;
        for (Script script : scripts) {
            if (script.version() > baseline) {
                if (left.isEmpty() || !left.remove().isFrom(script)) {
                    return false;
                }
            }
            last = script.version();
        }
        return left.isEmpty() && baseline <= last;
    }
}
