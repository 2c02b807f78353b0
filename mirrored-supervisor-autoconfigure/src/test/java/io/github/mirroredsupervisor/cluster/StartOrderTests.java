package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.SupervisorEvent.ChildExited;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Children that come to a peer together start there in start order. */
class StartOrderTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase())
            .settings(Strategy.REST_FOR_ONE, 1, Duration.ofMillis(200))
            .lease(Duration.ofSeconds(5));
    private final CountDownLatch claimed = new CountDownLatch(1);
    private final CountDownLatch mayClaim = new CountDownLatch(1);

    @AfterEach
    void closeCluster() {
        mayClaim.countDown();
        cluster.close();
        cluster.assertNoOverlaps();
    }

    /**
     * The later child was handed to this peer, the earlier one has to be claimed. While the claim has no answer, the
     * loop goes on: it takes the end of another child.
     */
    @Test
    void startsWaitForTheClaimsOfTheirComparison() {
        cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, (method, arguments) -> {
            if (method.equals("grant") && isOf("1-orphan", arguments[2])) {
                claimed.countDown();
                assertThat(mayClaim.await(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
            }
            return null;
        });
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("0-other", "until-open").withRestart(RestartType.TRANSIENT));
        cluster.awaitRunning("0-other", "a");

        insert(a.supervisor.self());
        await().atMost(TestCluster.PATIENCE).until(() -> claimed.getCount() == 0);
        cluster.open("0-other");
        a.onEvent(ChildExited.class, e -> assertThat(e.child().childId()).isEqualTo("0-other"));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(phases(a)).containsEntry(Phase.COMPLETED, 1));
        assertThat(phases(a)).containsOnlyKeys(Phase.COMPLETED);

        mayClaim.countDown();
        cluster.awaitRunning("2-handed", "a");
        assertThat(Stream.of("1-orphan", "2-handed")
                        .flatMap(child -> cluster.journal(child).stream())
                        .filter(entry -> entry.what().equals("BEGIN"))
                        .sorted((one, other) -> Long.compare(one.at(), other.at()))
                        .map(TestCluster.Entry::child))
                .containsExactly("1-orphan", "2-handed");
    }

    private static boolean isOf(String child, Object expected) {
        return ((Collection<?>) expected)
                .stream()
                        .anyMatch(one -> one instanceof OwnedToken token
                                && token.childId().equals(child));
    }

    private static Map<Phase, Integer> phases(TestPeer peer) {
        return peer.peer.status().groups().get(TestCluster.GROUP).children();
    }

    /** An orphan, and a later child that was handed to this peer. Both appear at once, with the group's revision. */
    private void insert(PeerId owner) {
        cluster.database()
                .jdbc()
                .sql("""
                        with written as (
                            insert into mirrored_supervisor.child (group_name, id, type, restart, kind, owner, phase, start_order)
                            values (:group, '1-orphan', 'worker', 'PERMANENT', 'WORKER', null, 'ORPHANED', 2000000),
                                   (:group, '2-handed', 'worker', 'PERMANENT', 'WORKER', :owner, 'STARTING', 2000001)
                        )
                        update mirrored_supervisor.supervision_group set revision = revision + 1 where name = :group
                        """)
                .param("group", TestCluster.GROUP)
                .param("owner", owner.value())
                .update();
    }
}
