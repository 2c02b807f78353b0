package io.github.mirroredsupervisor.internal.postgres.connection;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/**
 * Whether the server has connections to spare. A peer cannot do without two of them, and the others only make it
 * quicker: where many peers share a server that allows few, those are given up, so that nobody is kept from joining or
 * from renewing a lease. Asking is also how an idle session finds out that it still lives: one statement for both.
 *
 * @param isScarce whether this connection is one that others may need more
 * @param isPooled whether another session answered than the one that was opened: a pooler makes up the backend's id
 *     that it gives to its clients
 */
public record ConnectionRoom(boolean isScarce, boolean isPooled) {

    /** One part in so many of what the server allows is left to those who need it. */
    private static final int SHARE = 10;

    // As far as the statistics know, which are a moment old. What the server keeps for administrators is nobody's.
    private static final String FREE = """
            select pg_catalog.pg_backend_pid() as backend,
                   pg_catalog.current_setting('max_connections')::pg_catalog.int4 as allowed,
                   pg_catalog.current_setting('superuser_reserved_connections')::pg_catalog.int4 as reserved,
                   (select pg_catalog.count(*)
                    from pg_catalog.pg_stat_activity
                    where backend_type operator(pg_catalog.=) 'client backend'
                       or backend_type operator(pg_catalog.=) 'walsender') as used
            """;

    public static ConnectionRoom ask(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(FREE)) {
            row.next();
            int allowed = row.getInt("allowed");
            long free = allowed - row.getInt("reserved") - row.getLong("used");
            boolean pooled = row.getInt("backend")
                    != connection.unwrap(PGConnection.class).getBackendPID();
            return new ConnectionRoom(free < allowed / SHARE, pooled);
        }
    }
}
