package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A role's settings do not affect the supervisor's sessions. */
class HostileSettingsTests {

    /**
     * Each would disturb something: end sessions, cancel statements, lose commits, change what is read, slow plans
     * down.
     */
    private static final List<String> HOSTILE = List.of(
            "statement_timeout = '40ms'",
            "lock_timeout = '1ms'",
            "idle_in_transaction_session_timeout = '1ms'",
            "idle_session_timeout = '900ms'",
            "default_transaction_isolation = 'serializable'",
            "default_transaction_deferrable = on",
            "synchronous_commit = off",
            "search_path = 'nowhere'",
            "session_replication_role = 'replica'",
            "row_security = off",
            "datestyle = 'SQL, DMY'",
            "intervalstyle = 'sql_standard'",
            "timezone = 'Asia/Kathmandu'",
            "extra_float_digits = -15",
            "bytea_output = 'escape'",
            "client_encoding = 'latin1'",
            "standard_conforming_strings = off",
            "quote_all_identifiers = on",
            "transform_null_equals = on",
            "array_nulls = off",
            "xmlbinary = 'hex'",
            "client_min_messages = error",
            "exit_on_error = on",
            "enable_seqscan = off",
            "enable_indexscan = off",
            "enable_bitmapscan = off",
            "enable_nestloop = off",
            "enable_hashjoin = off",
            "enable_mergejoin = off",
            "enable_sort = off",
            "jit = on",
            "jit_above_cost = 0",
            "jit_inline_above_cost = 0",
            "jit_optimize_above_cost = 0",
            "plan_cache_mode = 'force_generic_plan'",
            "parallel_setup_cost = 0",
            "parallel_tuple_cost = 0",
            "min_parallel_table_scan_size = 0",
            "work_mem = '64kB'",
            "temp_file_limit = 0",
            "log_statement = 'all'",
            "tcp_user_timeout = '1ms'");

    private final Database database = TestPostgres.migratedDatabase();
    private final String role = "hostile_" + database.name();
    private TestCluster cluster = new TestCluster(new Database(database.jdbcUrl(), role, "hostile"));

    @BeforeEach
    void createRole() {
        database.execute(
                "create role " + role + " login password 'hostile'",
                "grant usage on schema mirrored_supervisor to " + role,
                "grant select, insert, update, delete on all tables in schema mirrored_supervisor to " + role,
                "grant usage on all sequences in schema mirrored_supervisor to " + role);
    }

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
        database.execute("drop owned by " + role, "drop role " + role);
    }

    @Test
    void allOfThemTogether() {
        HOSTILE.forEach(this::configure);
        if (serverVersion() >= 17) {
            configure("transaction_timeout = '900ms'");
        }
        liveAndDie(Duration.ofSeconds(2));
    }

    /** The watch waits in one transaction for up to half a minute. */
    @Test
    void aTransactionTimeoutDoesNotEndTheWatch() {
        configure(serverVersion() >= 17 ? "transaction_timeout = '500ms'" : "statement_timeout = '500ms'");
        cluster.lease(Duration.ofSeconds(6));
        TestPeer a = cluster.start("a");
        cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("fast", "worker").withTakeover(Takeover.IMMEDIATE));
        await().atMost(TestCluster.PATIENCE).until(() -> watchers().size() == 1);
        List<Integer> first = watchers();
        cluster.awaitRenewals(a, 2); // longer than the time-out
        assertThat(watchers()).isEqualTo(first);
    }

    private void liveAndDie(Duration lease) {
        cluster.lease(lease);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("slow", "worker"));
        a.supervisor.startChild(ChildSpec.of("fast", "worker").withTakeover(Takeover.IMMEDIATE));
        a.supervisor.ensureChild(ChildSpec.of("other", "worker"));
        a.supervisor.terminateChild("other");
        assertThat(b.supervisor.whichChildren()).hasSize(3);
        b.supervisor.moveChild("fast", b.supervisor.self());
        b.supervisor.moveChild("fast", a.supervisor.self());
        cluster.awaitRenewals(a, 10); // longer than every one of the time-outs
        assertThat(a.events(SupervisorEvent.PermissionLost.class)).isEmpty();
        assertThat(a.peer.stop()).succeedsWithin(TestCluster.PATIENCE);
        cluster.awaitRunning("slow", "b");
        cluster.awaitRunning("fast", "b");
        b.supervisor.removeChild("other");
    }

    private List<Integer> watchers() {
        return database.jdbc()
                .sql("select pid from pg_stat_activity where usename = ? and application_name like '%watch%'"
                        + " and wait_event_type = 'Lock'")
                .param(role)
                .query(Integer.class)
                .list();
    }

    private int serverVersion() {
        return database.jdbc()
                .sql("select current_setting('server_version_num')::int / 10000")
                .query(Integer.class)
                .single();
    }

    private void configure(String setting) {
        database.execute("alter role " + role + " set " + setting);
    }
}
