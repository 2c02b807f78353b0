package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.GroupView;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.RowCallbackHandler;

/** What runs all the time reads what it needs by an index, however large the tables are (protocol rules 3b and 5b). */
class PlanTests extends StoreTest {

    private static final int ROWS = 100_000;

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
        database.jdbc()
                .sql("select relname, seq_scan, idx_scan from pg_stat_user_tables"
                        + " where schemaname = 'mirrored_supervisor' and relname in ('child', 'peer', 'history')")
                .query((RowCallbackHandler) row -> {
                    whole.put(row.getString("relname"), row.getLong("seq_scan"));
                    byIndex.put(row.getString("relname"), row.getLong("idx_scan"));
                });
        return new Reads(whole, byIndex);
    }

    /** How often each table was read as a whole, and by an index. */
    private record Reads(Map<String, Long> whole, Map<String, Long> byIndex) {}
}
