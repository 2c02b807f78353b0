package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerInfo;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Hints, revisions and the history may fail or stall in any way: ownership is not affected. */
class UntoldChangesTests {

    private static final String ROLE = """
            do $$ begin
                if to_regrole('untold') is null then create role untold login password 'untold'; end if;
            end $$;
            grant usage on schema mirrored_supervisor to untold;
            grant select, insert, update, delete on all tables in schema mirrored_supervisor to untold;
            grant usage, select, update on all sequences in schema mirrored_supervisor to untold;
            """;

    private final Database owner = TestPostgres.migratedDatabase();
    private final TestCluster cluster = new TestCluster(asRole(owner));

    /** A role that is no superuser, so that missing rights matter. */
    private static synchronized Database asRole(Database owner) {
        owner.jdbc().sql(ROLE).update();
        return new Database(owner.jdbcUrl(), "untold", "untold");
    }

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    /** What goes wrong. */
    enum Obstacle {
        NOTHING("select 1"),
        NOTIFY_IS_WITHHELD("revoke execute on function pg_catalog.pg_notify(text, text) from public"),
        HISTORY_IS_LOCKED("lock table mirrored_supervisor.history in access exclusive mode"),
        HISTORY_IS_BEING_INDEXED("lock table mirrored_supervisor.history in share mode"),
        HISTORY_IS_GONE("drop table mirrored_supervisor.history"),
        HISTORY_IS_WITHHELD("revoke insert on mirrored_supervisor.history from untold"),
        HISTORY_HAS_ANOTHER_COLUMN("""
                alter table mirrored_supervisor.history add column wanted text not null default '';
                alter table mirrored_supervisor.history alter column wanted drop default;
                """),
        HISTORY_LACKS_A_COLUMN("alter table mirrored_supervisor.history drop column why"),
        HISTORY_HAS_NO_ROOM("""
                create function mirrored_supervisor.full_disk() returns trigger language plpgsql as $$
                begin
                    raise exception 'no space left on device' using errcode = '53100';
                end
                $$;
                create trigger full_disk before insert on mirrored_supervisor.history
                for each statement execute function mirrored_supervisor.full_disk();
                """),
        IDENTITY_IS_BEHIND("""
                insert into mirrored_supervisor.history (id, group_name, what) overriding system value
                select i, 'copied', 'COPIED' from generate_series(1, 5000) i
                on conflict do nothing;
                """),
        GROUP_IS_LOCKED("select from mirrored_supervisor.supervision_group for update"),
        GROUP_IS_BEING_CHANGED("update mirrored_supervisor.supervision_group set reason = 'changing'"),
        GROUPS_ARE_LOCKED("lock table mirrored_supervisor.supervision_group in exclusive mode");

        private final String sql;

        Obstacle(String sql) {
            this.sql = sql;
        }

        private boolean isHeld() {
            return sql.startsWith("lock") || this == GROUP_IS_LOCKED || this == GROUP_IS_BEING_CHANGED;
        }
    }

    /** Puts the obstacle in place. A lock is held until the holder is closed. */
    private RowHolder put(Obstacle obstacle) {
        RowHolder holder = RowHolder.of(owner, obstacle.sql);
        if (!obstacle.isHeld()) {
            holder.commit();
        }
        return holder;
    }

    @ParameterizedTest
    @EnumSource(Obstacle.class)
    @Execution(ExecutionMode.CONCURRENT)
    @ResourceLock(value = Resources.SYSTEM_OUT, mode = ResourceAccessMode.READ)
    void ownershipGoesOn(Obstacle obstacle) throws Exception {
        cluster.staticChildren(worker("declared"));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        assertThat(a.supervisor.startChild(worker("before"))).isInstanceOf(Started.class);
        assertThat(a.supervisor.startChild(worker("moving"))).isInstanceOf(Started.class);
        cluster.awaitRunning("declared", "a");
        RowHolder holder = put(obstacle);
        try {
            // A join, a start, commands to the own peer and to another one.
            TestPeer c = cluster.start("c");
            assertThat(c.supervisor.peers()).extracting(PeerInfo::label).containsExactly("a", "b", "c");
            assertThat(a.supervisor.startChild(worker("during"))).isInstanceOf(Started.class);
            assertThat(a.supervisor.startChild(worker("removed"))).isInstanceOf(Started.class);
            a.supervisor.removeChild("removed");
            c.supervisor.terminateChild("during");
            assertThat(c.supervisor.restartChild("during")).isInstanceOf(Started.class);
            b.supervisor.moveChild("moving", c.supervisor.self());
            cluster.awaitRunning("moving", "c");
            c.supervisor.cordon(b.supervisor.self());
            assertThat(cordoned(c, b.supervisor.self())).isTrue();
            c.supervisor.uncordon(b.supervisor.self());

            // A death: certificate and adoption.
            PeerId dead = a.supervisor.self();
            a.kill();
            await().atMost(TestCluster.PATIENCE).until(() -> died(dead, b) || died(dead, c));
            for (String child : new String[] {"declared", "before", "during"}) {
                await().atMost(TestCluster.PATIENCE)
                        .untilAsserted(() -> assertThat(cluster.running(child))
                                .singleElement()
                                .isNotEqualTo("a"));
            }

            // A leave, with what was adopted.
            b.peer.stop().get();
            for (String child : new String[] {"declared", "before", "during", "moving"}) {
                cluster.awaitRunning(child, "c");
            }
            await().atMost(TestCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(c.supervisor.whichChildren())
                            .extracting(ChildInfo::phase)
                            .containsOnly(Phase.RUNNING));
        } finally {
            holder.close();
        }
    }

    private static boolean died(PeerId dead, TestPeer observer) {
        return observer.events(SupervisorEvent.PeerDeclaredDead.class).stream()
                .anyMatch(event -> event.peer().equals(dead));
    }

    private static boolean cordoned(TestPeer asked, PeerId peer) {
        return asked.supervisor.peers().stream().anyMatch(info -> info.id().equals(peer) && info.cordoned());
    }

    @Test
    void aGroupThatIsToEndWhileItsRowIsLockedKeepsNothingElseFromHappening() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO).alsoIn("others");
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor("others").startChild(worker("there"));
        try (RowHolder holder = RowHolder.of(
                owner, "select from mirrored_supervisor.supervision_group where name = 'orders' for update")) {
            Background.call(() -> b.supervisor.startChild(ChildSpec.of("c", "crashing")));
            await().atMost(TestCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(cluster.runners("c")).isNotEmpty());
            a.kill();
            cluster.awaitRunning("others/there", "b");
            holder.rollback();
        }
        b.onEvent(
                SupervisorEvent.GroupTerminated.class,
                event -> assertThat(event.group()).isEqualTo(TestCluster.GROUP));
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    @ResourceLock(Resources.SYSTEM_OUT)
    void whatWasHeldUpIsToldLater(CapturedOutput output) {
        TestPeer a = cluster.start("a");
        // The hints and revisions that follow the join come first, the history last.
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(count("what = 'JOINED'")).isEqualTo(1));
        long before = revision();
        try (RowHolder history =
                        RowHolder.of(owner, "lock table mirrored_supervisor.history in access exclusive mode");
                RowHolder group = RowHolder.of(owner, "select from mirrored_supervisor.supervision_group for update")) {
            for (int i = 0; i < 10; i++) {
                a.supervisor.startChild(worker("c" + i));
            }
            a.supervisor.terminateChild("c0");
            await().atMost(TestCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(output).contains("The history cannot be written"));
            assertThat(revision()).isEqualTo(before);
            group.rollback();
            history.rollback();
        }
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(revision()).isGreaterThan(before);
            assertThat(count("what = 'CREATED'")).isEqualTo(10);
            assertThat(count("what = 'COMMANDED' and why = 'TERMINATE' and child_id = 'c0'"))
                    .isEqualTo(1);
            assertThat(output).contains("The history can be written again");
        });
        assertThat(output.getAll().split("The history cannot be written", -1)).hasSize(2);
        assertThat(count("at > clock_timestamp() or at < clock_timestamp() - interval '1 minute'"))
                .isZero();
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    @ResourceLock(Resources.SYSTEM_OUT)
    void hintsThatFailAreToldOfOnceAndOnceMoreWhenTheyAreSentAgain(CapturedOutput output) {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        put(Obstacle.NOTIFY_IS_WITHHELD).close();
        for (int i = 0; i < 5; i++) {
            a.supervisor.startChild(worker("c" + i));
            b.supervisor.removeChild("c" + i);
        }
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(output).contains("Hints cannot be sent"));
        owner.jdbc()
                .sql("grant execute on function pg_catalog.pg_notify(text, text) to public")
                .update();
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            a.supervisor.startChild(worker("later"));
            b.supervisor.removeChild("later");
            assertThat(output).contains("Hints can be sent again");
        });
        assertThat(output.getAll().split("Hints cannot", -1)).hasSize(2);
    }

    @Test
    void anIdentityThatIsBehindIsBroughtForward() {
        put(Obstacle.IDENTITY_IS_BEHIND).close();
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(count("what in ('JOINED', 'CREATED') and id > 5000"))
                        .isEqualTo(2));
    }

    @Test
    void aGroupWhoseRowSomebodyDeletedIsWrittenAgainAndItsChildrenRunOn() {
        cluster.settings(Strategy.REST_FOR_ONE, 7, Duration.ofMillis(200));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        PeerId self = a.supervisor.self();
        a.supervisor.startChild(worker("c"));
        owner.jdbc().sql("delete from mirrored_supervisor.supervision_group").update();
        assertThat(b.supervisor.startChild(worker("d"))).isInstanceOf(Started.class);
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(owner.jdbc()
                                .sql("select strategy || ' ' || intensity || ' ' || state"
                                        + " from mirrored_supervisor.supervision_group")
                                .query(String.class)
                                .list())
                        .containsExactly("REST_FOR_ONE 7 ACTIVE"));
        cluster.awaitRenewals(a, 2);
        assertThat(a.supervisor.self()).isEqualTo(self);
        assertThat(cluster.runners("c")).containsExactly("a");
        assertThat(cluster.runners("d")).containsExactly("b");
    }

    private long revision() {
        return owner.jdbc()
                .sql("select revision from mirrored_supervisor.supervision_group")
                .query(Long.class)
                .single();
    }

    private long count(String where) {
        return owner.jdbc()
                .sql("select count(*) from mirrored_supervisor.history where " + where)
                .query(Long.class)
                .single();
    }
}
