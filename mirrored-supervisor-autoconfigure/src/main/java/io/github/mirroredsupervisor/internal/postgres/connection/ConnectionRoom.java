package io.github.mirroredsupervisor.internal.postgres.connection;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/**
 * Whether the server has connections to spare. A peer needs two of its connections; the others only make it faster.
 * Where many peers share a server that allows few connections, those others are given up, so that every peer can join
 * and renew its lease. The same statement also checks that an idle session is still alive.
 *
 * @param isScarce whether other peers may need this connection more
 * @param isPooled whether a session answered that is not the one that was opened: a pooler invents the backend's id
 *     that it gives to its clients
 */
public record ConnectionRoom(boolean isScarce, boolean isPooled) {

    /** One connection in this many is left to the peers that need it. */
    private static final int SHARE = 10;

    // The statistics are a moment old. Connections that the server reserves for administrators do not count as free.
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
