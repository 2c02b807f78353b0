package io.github.mirroredsupervisor.autoconfigure.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The version of the schema in a database. It is in Flyway's history if the library migrated, and in the schema's
 * comment if the scripts were run by hand.
 *
 * @param exists whether there is a schema
 * @param migrated the version in Flyway's history; null if there is no history
 * @param byHand the version in the schema's comment; null if the comment has none
 */
record SchemaVersion(
        boolean exists,
        @Nullable Integer migrated,
        @Nullable Integer byHand) {

    static final String HISTORY_TABLE = "flyway_schema_history";

    private static final String STATE = """
            SELECT pg_catalog.obj_description(n.oid, 'pg_namespace') AS comment,
                   EXISTS (SELECT 1 FROM pg_catalog.pg_class t
                           WHERE t.relnamespace = n.oid AND t.relname = 'flyway_schema_history') AS has_history
            FROM pg_catalog.pg_namespace n
            WHERE n.nspname = 'mirrored_supervisor'
            """;

    private static final String MIGRATED = """
            SELECT coalesce(pg_catalog.max(version::int), 0)
            FROM mirrored_supervisor.flyway_schema_history
            WHERE success AND version IS NOT NULL
            """;

    private static final Pattern COMMENT = Pattern.compile("mirrored-supervisor schema (\\d{1,9})");

    static String comment(int version) {
        return "mirrored-supervisor schema " + version;
    }

    static SchemaVersion read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String comment;
            boolean hasHistory;
            try (ResultSet row = statement.executeQuery(STATE)) {
                if (!row.next()) {
                    return new SchemaVersion(false, null, null);
                }
                comment = row.getString("comment");
                hasHistory = row.getBoolean("has_history");
            }
            return new SchemaVersion(true, hasHistory ? migrated(statement) : null, parse(comment));
        }
    }

    private static Integer migrated(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(MIGRATED)) {
            row.next();
            return row.getInt(1);
        }
    }

    private static @Nullable Integer parse(@Nullable String comment) {
        Matcher matcher = COMMENT.matcher(comment == null ? "" : comment);
        return matcher.matches() ? Integer.valueOf(matcher.group(1)) : null;
    }

    /** The present version; 0 if there is none. */
    int present() {
        return Math.max(migrated == null ? 0 : migrated, byHand == null ? 0 : byHand);
    }

    /** Whether Flyway needs a baseline, because the schema was created by hand. */
    boolean needsBaseline() {
        return migrated == null && byHand != null;
    }
}
