package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.postgres.children.ChildGrants;
import io.github.mirroredsupervisor.internal.postgres.children.ChildReports;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.GroupView;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.RowCallbackHandler;

/** What runs all the time reads what it needs by an index, however large the tables are (protocol rules 3b and 5b). */
class PlanTests extends StoreTest {

    private static final int ROWS = 100_000;
    private static final int MANY = 1000;

    @BeforeEach
    void join() {
        join(a);
        join(b);
    }

    @Test
    void aRenewalReadsFewOfManyPeers() {
        execute("""
                insert into mirrored_supervisor.peer (id, label, host, pid, lease_ms, stop_ms)
                select gen_random_uuid(), 'label', 'host', 1, 3000, 500 from generate_series(1, %d)
                """.formatted(ROWS));
        join(c);
        execute("analyze mirrored_supervisor.peer");
        Reads before = reads();
        Renewal renewal;
        try (RenewalSession session = store().openRenewals()) {
            renewal = session.renew(c);
        }
        assertThat(renewal.peers()).hasSize(Renewal.PREDECESSORS);
        assertThatNoTableWasReadWhole(before, "peer");
    }

    @Test
    void aSweepReadsFewOfManyChildren() {
        PeerId dead = PeerId.random();
        join(dead);
        execute("""
                insert into mirrored_supervisor.child (group_name, id, type, restart, kind, phase, owner)
                select '%s', 'c' || i, 'relay', 'PERMANENT', 'WORKER', 'RUNNING', '%s' from generate_series(0, %d) i
                """.formatted(GROUP, b.value(), ROWS - 1));
        own(a, "like '%77'");
        own(null, "= 'c5'");
        own(dead, "= 'c6'");
        own(PeerId.random(), "= 'c7'");
        execute("update mirrored_supervisor.child set move_to = '" + a.value() + "' where id = 'c8'");
        execute("update mirrored_supervisor.peer set state = 'DEAD' where id = '" + dead.value() + "'");
        execute("analyze mirrored_supervisor.child");
        Reads before = reads();
        GroupView view;
        try (WorkSession session = store().openWork()) {
            view = session.view(GROUP, a);
            session.digest(GROUP, a);
        }
        assertThat(view.children()).hasSize(ROWS / 100 + 4);
        assertThatNoTableWasReadWhole(before, "child");
    }

    @Test
    void aChangeOfManyChildrenReadsEachAFewTimes() {
        execute("""
                insert into mirrored_supervisor.child (group_name, id, type, restart, kind, phase, owner, fencing_token)
                select '%s', 'c' || i, 'relay', 'PERMANENT', 'WORKER', 'RUNNING', '%s', 1 from generate_series(1, %d) i
                """.formatted(GROUP, b.value(), MANY));
        Map<String, Long> tokens = new HashMap<>();
        IntStream.rangeClosed(1, MANY).forEach(i -> tokens.put("c" + i, 1L));
        Reads before = reads();
        try (WorkSession session = store().openWork()) {
            Map<String, Long> granted = session.grant(GROUP, a, owned(tokens, b), StartCause.FAILED_OVER, Map.of());
            assertThat(granted).hasSize(MANY);
            assertThat(session.report(GROUP, a, reports(granted), Set.of()).unwritten())
                    .isEmpty();
            assertThat(session.release(GROUP, owned(granted, a), b)).hasSize(MANY);
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> reads().byIndex().get("child") > before.byIndex().get("child"));
        assertThat(reads().rows().get("child") - before.rows().get("child"))
                .as("rows read for three changes of %d rows", MANY)
                .isLessThan(3 * 10 * MANY);
    }

    /**
     * No counter of the server shows this: for each locked row, an index scan would sort all ids anew. A grant of a
     * thousand children then exceeds its time limit on a slow machine, for ever.
     */
    @Test
    void aChangeThatFollowsItsLockDoesNotNameTheIdsAgain() throws IllegalAccessException {
        List<String> changes = new ArrayList<>();
        for (Class<?> statements : List.of(ChildGrants.class, ChildReports.class)) {
            for (Field field : statements.getDeclaredFields()) {
                field.setAccessible(true);
                if (field.getType() == String.class && Modifier.isStatic(field.getModifiers())) {
                    String[] parts = String.valueOf(field.get(null)).split("skip locked\\)", -1);
                    changes.addAll(List.of(parts).subList(1, parts.length));
                }
            }
        }
        changes.removeIf(change -> !change.contains("update"));
        assertThat(changes).hasSize(4).noneMatch(change -> change.contains("any (:ids)"));
    }

    private static List<OwnedToken> owned(Map<String, Long> tokens, PeerId owner) {
        return tokens.entrySet().stream()
                .map(e -> new OwnedToken(e.getKey(), owner, e.getValue(), e.getValue(), 0))
                .toList();
    }

    private static List<PhaseReport> reports(Map<String, Long> tokens) {
        return tokens.entrySet().stream()
                .map(e -> new PhaseReport(e.getKey(), e.getValue(), Phase.RUNNING, 0, 0, null, null, null, null, null))
                .toList();
    }

    private void join(PeerId peer) {
        try (WorkSession session = store().openWork()) {
            session.join(request(peer, Set.of("relay"), List.of()));
        }
    }

    private void own(@Nullable PeerId owner, String ids) {
        execute("update mirrored_supervisor.child set owner = " + (owner == null ? "null" : "'" + owner.value() + "'")
                + " where id " + ids);
    }

    private void execute(String sql) {
        database.jdbc().sql(sql).update();
    }

    /** The sessions that read have ended, so the server has their statistics soon. */
    private void assertThatNoTableWasReadWhole(Reads before, String read) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> reads().byIndex().get(read) > before.byIndex().get(read));
        assertThat(reads().whole().get(read)).isEqualTo(before.whole().get(read));
    }

    private Reads reads() {
        Map<String, Long> whole = new HashMap<>();
        Map<String, Long> byIndex = new HashMap<>();
        Map<String, Long> rows = new HashMap<>();
        database.jdbc()
                .sql("select relname, seq_scan, idx_scan, seq_tup_read + idx_tup_fetch as read from pg_stat_user_tables"
                        + " where schemaname = 'mirrored_supervisor' and relname in ('child', 'peer', 'history')")
                .query((RowCallbackHandler) row -> {
                    whole.put(row.getString("relname"), row.getLong("seq_scan"));
                    byIndex.put(row.getString("relname"), row.getLong("idx_scan"));
                    rows.put(row.getString("relname"), row.getLong("read"));
                });
        return new Reads(whole, byIndex, rows);
    }

    /** How often each table was read as a whole, and by an index; and how many rows that were. */
    private record Reads(Map<String, Long> whole, Map<String, Long> byIndex, Map<String, Long> rows) {}
}
