package io.github.mirroredsupervisor.internal.postgres.connection;

import io.github.mirroredsupervisor.internal.postgres.server.ServerCheck;
import io.github.mirroredsupervisor.internal.postgres.server.ServerCheck.Facts;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.postgresql.PGConnection;

/**
 * What is queried and set once on a new connection, in one round trip: a lease may be short and the network slow. The
 * defaults of the role, the database and the server do not affect a session, unless a pooler shares it with other
 * clients. One default is not overruled but refused: read-only transactions, as an administrator set them on purpose.
 * Thread-safe.
 */
final class SessionSetup {

    private static final int TRANSACTION_TIMEOUT_SINCE = 17;

    /** query_canceled, with which a statement_timeout ends a statement, and transaction_timeout. */
    private static final Set<String> TOO_SHORT = Set.of("57014", "25P04");

    // A default may end statements and transactions after a moment. Where it has, this statement comes first, in the
    // same round trip, as it takes less time than the setup.
    private static final String GUARD = """
            select case when pg_catalog.pg_backend_pid() operator(pg_catalog.=) ?
                        then pg_catalog.set_config('statement_timeout', '0', false) end,
                   case when pg_catalog.pg_backend_pid() operator(pg_catalog.=) ?
                        then pg_catalog.set_config(?, '0', false) end;
            """;

    // The server is checked on every connection, not once per process: the next one may lead to another server, a
    // standby or an older one for example, and the check costs no round trip. Parameters are set in SQL, as PgBouncer
    // refuses a startup option. Nothing is set behind a pooler, which invents the backend's id: the next client would
    // get the same settings.
    private static final String SETUP = """
            select FACTS,
                   who.own as own,
                   pg_catalog.current_setting('synchronous_commit') as synchronous_commit,
                   pg_catalog.current_setting('default_transaction_isolation') as isolation,
                   (select pg_catalog.count(pg_catalog.set_config(
                        s.name,
                        case when s.name operator(pg_catalog.=) 'synchronous_commit'
                                  and pg_catalog.current_setting('synchronous_commit') operator(pg_catalog.=) 'remote_apply'
                             then 'remote_apply' else s.value end,
                        false))
                    from rows from (pg_catalog.unnest(?::pg_catalog.text[]), pg_catalog.unnest(?::pg_catalog.text[]))
                        as s (name, value)
                    where who.own
                      and (s.name operator(pg_catalog.<>) 'session_replication_role'
                           or pg_catalog.current_setting('is_superuser') operator(pg_catalog.=) 'on')
                      and (s.name operator(pg_catalog.<>) 'client_connection_check_interval'
                           or pg_catalog.version() operator(pg_catalog.~*) 'linux')
                   ) as settings
            from (select pg_catalog.pg_backend_pid() operator(pg_catalog.=) ? as own) as who
            """.replace("FACTS", ServerCheck.FACTS.strip());

    private final Timeouts bounds;

    SessionSetup(Timeouts bounds) {
        this.bounds = bounds;
    }

    /**
     * The state of a session.
     *
     * @param own whether this connection has the session to itself; otherwise there is a pooler, and nothing was set
     * @param synchronousCommit the value before the setup
     * @param isolation the default before the setup
     */
    record Session(Facts server, boolean own, String synchronousCommit, String isolation) {}

    /** Whether a default has ended a setup, so that another attempt with a guard may succeed. */
    static boolean needsGuard(SQLException failure) {
        String state = SqlStates.stateOf(failure);
        return state != null && TOO_SHORT.contains(state);
    }

    /**
     * Queries the server and sets the parameters.
     *
     * @param guarded whether defaults of the time-outs are known to be too short for that
     * @throws UnsupportedServerException if the server cannot hold the store
     */
    Session run(Connection connection, Role role, boolean guarded) throws SQLException {
        ServerCheck.verifyVersion(connection);
        int major = connection.getMetaData().getDatabaseMajorVersion();
        try (PreparedStatement setup = connection.prepareStatement(guarded ? GUARD + SETUP : SETUP)) {
            Map<String, String> settings = settings(role, major);
            int backend = connection.unwrap(PGConnection.class).getBackendPID();
            int last = 0;
            if (guarded) {
                setup.setInt(++last, backend);
                setup.setInt(++last, backend);
                setup.setString(++last, major < TRANSACTION_TIMEOUT_SINCE ? "lock_timeout" : "transaction_timeout");
            }
            setup.setArray(++last, texts(connection, settings.keySet().toArray(String[]::new)));
            setup.setArray(++last, texts(connection, settings.values().toArray(String[]::new)));
            setup.setInt(++last, backend);
            setup.execute();
            if (guarded) {
                setup.getMoreResults();
            }
            try (ResultSet row = setup.getResultSet()) {
                row.next();
                Facts server = Facts.read(row);
                server.verify();
                return new Session(
                        server, row.getBoolean("own"), row.getString("synchronous_commit"), row.getString("isolation"));
            }
        } catch (SQLException e) {
            ServerCheck.explain(connection, e);
            throw e;
        }
    }

    private static Array texts(Connection connection, String[] values) throws SQLException {
        return connection.createArrayOf("text", values);
    }

    private Map<String, String> settings(Role role, int major) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("synchronous_commit", "on");
        settings.put("default_transaction_isolation", "read committed");
        settings.put("default_transaction_deferrable", "off");
        settings.put("session_replication_role", "origin"); // needs a right, but so does setting another value
        timeouts(settings, role, major);
        plans(settings, role);
        texts(settings);
        return settings;
    }

    private void timeouts(Map<String, String> settings, Role role, int major) {
        Duration lease = bounds.lease();
        settings.put("statement_timeout", millis(bounds.statement(role)));
        settings.put("lock_timeout", millis(bounds.lockWait(role)));
        settings.put("idle_in_transaction_session_timeout", millis(bounds.call(role)));
        settings.put("idle_session_timeout", "0");
        if (major >= TRANSACTION_TIMEOUT_SINCE) {
            settings.put("transaction_timeout", "0");
        }
        settings.put("tcp_keepalives_idle", Long.toString(Math.max(1, lease.toSeconds() / 3)));
        settings.put("tcp_keepalives_interval", "1");
        settings.put("tcp_keepalives_count", "3");
        settings.put("tcp_user_timeout", millis(lease));
        // Some platforms of the server do not support it and report an error if it is set.
        settings.put(
                "client_connection_check_interval",
                Math.max(100, lease.dividedBy(3).toMillis()) + "ms");
    }

    private static void plans(Map<String, String> settings, Role role) {
        // A generic plan is a hundred times slower for a thousand rows.
        settings.put("plan_cache_mode", role == Role.WORK || role == Role.READ ? "force_custom_plan" : "auto");
        settings.put("jit", "off"); // compiling takes longer than any of these statements
        settings.put("max_parallel_workers_per_gather", "0");
        settings.put("work_mem", "4MB"); // less may need files, which may be forbidden
        for (String way : new String[] {
            "seqscan",
            "indexscan",
            "indexonlyscan",
            "bitmapscan",
            "tidscan",
            "nestloop",
            "hashjoin",
            "mergejoin",
            "sort",
            "hashagg",
            "material"
        }) {
            settings.put("enable_" + way, "on");
        }
        // Ownership never needs a table as a whole, but the statistics may be those of an empty one.
        settings.put("enable_seqscan", role == Role.READ ? "on" : "off");
    }

    /** How values are written and read, and the language and level of messages. */
    private static void texts(Map<String, String> settings) {
        settings.put("search_path", SearchPath.BUILT_IN); // does not yet hold for the statement that sets it
        settings.put("array_nulls", "on");
        settings.put("bytea_output", "hex");
        settings.put("extra_float_digits", "1");
        settings.put("intervalstyle", "postgres");
        settings.put("quote_all_identifiers", "off");
        settings.put("standard_conforming_strings", "on");
        settings.put("transform_null_equals", "off");
        settings.put("client_min_messages", "warning"); // INFO, which the watch reads, is sent in any case
        settings.put("exit_on_error", "off");
        settings.put("row_security", "on");
    }

    private static String millis(Duration duration) {
        return duration.toMillis() + "ms";
    }
}
