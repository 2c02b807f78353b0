package io.github.mirroredsupervisor.autoconfigure.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Old rows are deleted in batches, however many there are. */
@ExtendWith(OutputCaptureExtension.class)
class HousekeepingTests {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Database database = TestPostgres.migratedDatabase();

    @Test
    void hundredsOfThousandsOfOldEntriesGo(CapturedOutput output) {
        insertHistory(300_000, "8 days");
        insertHistory(100, "1 hour");
        Housekeeping housekeeping = housekeeping();
        try {
            housekeeping.onGranted(() -> true);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(count("history")).isEqualTo(100));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(output).contains("Removed 300000 old entries of the history"));
        } finally {
            housekeeping.onRevoked(() -> false);
        }
        assertThat(output.getAll().split("Removing old entries of the history", -1))
                .hasSize(2);
    }

    @Test
    void manyPeersThatEndedGoWithTheirMemberships() {
        insertPeers(20_000);
        database.execute("""
                        insert into mirrored_supervisor.member (group_name, peer_id, join_order, types)
                        select 'orders', id, join_order, '{}' from mirrored_supervisor.peer
                        """, """
                        insert into mirrored_supervisor.child (group_name, id, type, restart, kind, owner)
                        select 'orders', 'kept', 'relay', 'PERMANENT', 'WORKER', id
                        from mirrored_supervisor.peer order by join_order limit 1
                        """);
        Housekeeping housekeeping = housekeeping();
        try {
            housekeeping.onGranted(() -> true);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(count("peer")).isEqualTo(1);
                assertThat(count("member")).isEqualTo(1);
            });
        } finally {
            housekeeping.onRevoked(() -> false);
        }
    }

    @Test
    void aPeerThatTheDatabaseKeepsDoesNotKeepTheHistory(CapturedOutput output) {
        insertPeers(10);
        insertHistory(100, "8 days");
        database.execute(
                "create table keeps (peer uuid references mirrored_supervisor.peer (id))",
                "insert into keeps select id from mirrored_supervisor.peer limit 1");
        Housekeeping housekeeping = housekeeping();
        try {
            housekeeping.onGranted(() -> true);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(count("history")).isZero());
            database.execute("drop table keeps");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(count("peer")).isZero());
        } finally {
            housekeeping.onRevoked(() -> false);
            database.execute("drop table if exists keeps");
        }
        assertThat(output.getAll().split("Housekeeping was refused to remove peers that ended", -1))
                .hasSize(2);
    }

    @Test
    void entriesThatSomebodyKeepsLockedStayAndTheOthersGo() {
        insertHistory(12_000, "8 days");
        try (RowHolder holder =
                RowHolder.of(database, "select from mirrored_supervisor.history where id % 4000 = 0 for update")) {
            Housekeeping housekeeping = housekeeping();
            try {
                housekeeping.onGranted(() -> true);
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(count("history")).isEqualTo(3));
                holder.rollback();
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(count("history")).isZero());
            } finally {
                housekeeping.onRevoked(() -> false);
            }
        }
    }

    @Test
    void itEndsInTheMiddleWhenAnotherProcessIsTheCoordinator(CapturedOutput output) {
        insertHistory(200_000, "8 days");
        Housekeeping housekeeping = housekeeping();
        housekeeping.onGranted(() -> true);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .untilAsserted(() -> assertThat(output).contains("Removing old entries"));
        housekeeping.onRevoked(() -> false);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(output).contains("the next coordinator goes on"));
        long left = count("history");
        assertThat(left).isPositive();
        await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> count("history") == left);
        assertThat(output).doesNotContain("Housekeeping failed");
    }

    private Housekeeping housekeeping() {
        ConnectionSettings connection = TestStores.settings(database, Duration.ofSeconds(3));
        Store store = new PostgresStore(connection);
        return new Housekeeping(store, Duration.ofDays(7), Duration.ofMillis(200), () -> {});
    }

    private void insertHistory(int rows, String age) {
        database.jdbc()
                .sql("insert into mirrored_supervisor.history (at, group_name, what, why)"
                        + " select now() - cast(? as interval) - i * interval '1 millisecond', 'orders', 'OLD', repeat('x', 100)"
                        + " from generate_series(1, ?) i")
                .params(age, rows)
                .update();
    }

    private void insertPeers(int count) {
        database.jdbc()
                .sql("insert into mirrored_supervisor.peer (id, state, lease_ms, stop_ms, label, host, pid, ended_at,"
                        + " last_renewed_at)"
                        + " select gen_random_uuid(), case when i % 2 = 0 then 'DEAD' else 'LEFT' end, 3000, 500, 'old', 'h', 1,"
                        + " case when i % 10 > 0 then now() - interval '2 hours' end, now() - interval '2 hours'"
                        + " from generate_series(1, ?) i")
                .param(count)
                .update();
    }

    private long count(String table) {
        return database.jdbc()
                .sql("select count(*) from mirrored_supervisor." + table)
                .query(Long.class)
                .single();
    }
}
