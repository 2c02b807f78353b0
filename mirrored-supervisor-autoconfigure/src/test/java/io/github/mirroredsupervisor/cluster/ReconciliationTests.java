package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StartResult.AlreadyStarted;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The comparison of rows with what runs, also after rows were changed by hand or by another member. Methods are named
 * after the semantics rows they check.
 */
class ReconciliationTests {

    private static final String GIVE = """
            update mirrored_supervisor.child
            set owner = :owner, fencing_token = fencing_token + 1
            where id = :id
            """;

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close(); // without a check of overlaps: an edit by hand waits for no stop
    }

    private JdbcClient jdbc() {
        return cluster.database().jdbc();
    }

    private void give(String id, PeerId owner) {
        jdbc().sql(GIVE).param("owner", owner.value()).param("id", id).update();
    }

    private void insert(String id, PeerId owner) {
        jdbc().sql("""
            insert into mirrored_supervisor.child (group_name, id, type, restart, kind, owner, phase)
            values ('orders', :id, 'worker', 'PERMANENT', 'WORKER', :owner::uuid, 'STARTING')
            """)
                .param("id", id)
                .param("owner", owner == null ? null : owner.value())
                .update();
    }

    @Test
    void b52ARowThatIsDeletedByHandStopsItsChild() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        jdbc().sql("delete from mirrored_supervisor.child").update();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running("c")).isEmpty());
    }

    @Test
    void b53WhatRunsHereAlthoughItsRowNamesAnotherIsStopped() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        give("c", b.supervisor.self());
        cluster.awaitRunning("c", "b");
        assertThat(cluster.runners("c")).containsExactly("a", "b");
        assertThat(a.peer.status().groups().get(TestCluster.GROUP).children()).doesNotContainKey(Phase.RUNNING);
    }

    @Test
    void b54b55WhatShouldRunAndDoesNotIsStartedByItsOwnerOrBySomebody() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        insert("of-b", b.supervisor.self());
        insert("of-nobody", null);
        insert("of-a-stranger", PeerId.random());
        cluster.awaitRunning("of-b", "b");
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(cluster.running("of-nobody")).hasSize(1);
            assertThat(cluster.running("of-a-stranger")).hasSize(1);
        });
        assertThat(a.supervisor.whichChildren())
                .hasSize(3)
                .allSatisfy(child -> assertThat(child.phase()).isEqualTo(Phase.RUNNING));
    }

    @Test
    void b55ARowThatIsDeletedWhileItIsClaimedIsNotBroughtBack() throws Exception {
        AtomicBoolean deleted = new AtomicBoolean();
        cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, (method, args) -> {
            if (method.equals("grant") && deleted.compareAndSet(false, true)) {
                jdbc().sql("delete from mirrored_supervisor.child where id = 'gone'")
                        .update();
            }
            return null;
        });
        TestPeer b = cluster.start("b");
        cluster.wrap = store -> store;
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("gone"));
        a.supervisor.startChild(worker("witness"));
        a.kill();
        cluster.awaitRunning("witness", "b");
        cluster.awaitRenewals(b, 11);
        assertThat(deleted).isTrue();
        assertThat(cluster.runners("gone")).containsExactly("a");
        assertThat(b.supervisor.childSpec("gone")).isEmpty();
    }

    @Test
    void b57AChildThatWaitsForItsRestartDoesNotComeUpWhereItIsNoLongerOwned() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, Duration.ofMillis(1500));
        cluster.type("crashing-at-a", label -> context -> {
            if (label.equals("a")) {
                cluster.note(label, context, "BEGIN");
                cluster.note(label, context, "END");
                throw new IllegalStateException("crash");
            }
            cluster.idle(label).run(context);
        });
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("c", "crashing-at-a"));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(children(a)).isEqualTo(List.of(Phase.RESTARTING)));
        give("c", b.supervisor.self());
        cluster.awaitRunning("c", "b");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(children(a)).doesNotContain(Phase.RESTARTING));
        cluster.awaitRenewals(a, 25); // longer than the delay
        assertThat(cluster.runners("c")).containsExactly("a", "b");
    }

    private static List<Phase> children(TestPeer peer) {
        return List.copyOf(
                peer.peer.status().groups().get(TestCluster.GROUP).children().keySet());
    }

    @Test
    void b58TwoPeersThatStartTheSameNewIdGiveOneRun() {
        cluster.lease(Duration.ofSeconds(6));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        for (int round = 0; round < 100; round++) {
            String id = "c" + round;
            CyclicBarrier together = new CyclicBarrier(2);
            Background<StartResult> one = startTogether(a, id, together);
            Background<StartResult> other = startTogether(b, id, together);
            assertThat(List.of(one.result(), other.result()))
                    .as("round %s", round)
                    .hasOnlyElementsOfTypes(Started.class, AlreadyStarted.class)
                    .satisfiesOnlyOnce(result -> assertThat(result).isInstanceOf(Started.class));
            assertThat(cluster.runners(id)).hasSize(1);
        }
        cluster.assertNoOverlaps();
    }

    private static Background<StartResult> startTogether(TestPeer peer, String id, CyclicBarrier together) {
        return Background.call(() -> {
            together.await();
            return peer.supervisor.startChild(worker(id));
        });
    }

    @Test
    void b59NobodyWaitsForTheRowOfAGroupThatHasALiveMember() {
        cluster.lease(Duration.ofSeconds(6)).alsoIn("billing");
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        String hold = "select 1 from mirrored_supervisor.supervision_group where name = 'orders' for update";
        try (RowHolder orders = RowHolder.of(cluster.database(), hold)) {
            assertThat(a.supervisor.startChild(worker("c"))).isInstanceOf(Started.class);
            assertThat(b.supervisor("billing").startChild(worker("c"))).isInstanceOf(Started.class);
            orders.rollback();
        }
        cluster.awaitRunning("c", "a");
        cluster.awaitRunning("billing/c", "b");
    }
}
