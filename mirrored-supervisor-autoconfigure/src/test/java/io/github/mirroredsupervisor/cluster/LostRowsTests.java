package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.TestPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Declared children whose rows were deleted by hand come back; those that were removed by a call do not. */
class LostRowsTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    private void hand(String statement) {
        cluster.database().jdbc().sql(statement).update();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "truncate mirrored_supervisor.child",
                "delete from mirrored_supervisor.child where id in ('first', 'second', 'dynamic')"
            })
    void declaredChildrenComeBackInTheirOrderUnderGreaterTokens(String deed) {
        cluster.staticChildren(ChildSpec.of("first", "first"), ChildSpec.of("second", "second"));
        TestPeer a = cluster.start("a");
        cluster.start("b");
        cluster.awaitRunning("first", "a");
        cluster.awaitRunning("second", "a");
        a.supervisor.startChild(worker("dynamic"));
        hand(deed);
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(cluster.running("dynamic")).isEmpty();
            for (String child : new String[] {"first", "second"}) {
                assertThat(cluster.runners(child)).hasSizeGreaterThan(1);
                assertThat(cluster.running(child)).hasSize(1);
            }
        });
        assertThat(a.supervisor.whichChildren()).extracting(ChildInfo::id).containsExactly("first", "second");
    }

    @Test
    void whatWasRemovedOnPurposeStaysAwayUntilSomebodyJoinsWhoDeclaresIt() {
        cluster.staticChildren(
                ChildSpec.of("removed", "removed"),
                ChildSpec.of("once", "completing").withRestart(RestartType.TEMPORARY),
                ChildSpec.of("stays", "stays"));
        TestPeer a = cluster.start("a");
        cluster.awaitRunning("removed", "a");
        cluster.awaitRunning("stays", "a");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(a.supervisor.whichChildren())
                        .extracting(ChildInfo::id)
                        .doesNotContain("once"));
        a.supervisor.removeChild("removed");
        cluster.awaitRenewals(a, 30); // three full comparisons
        assertThat(a.supervisor.whichChildren()).extracting(ChildInfo::id).containsExactly("stays");
        TestPeer b = cluster.start("b");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running("removed")).hasSize(1));
        assertThat(b.supervisor.childSpec("removed")).isPresent();
        cluster.awaitRenewals(b, 30);
        assertThat(cluster.runners("once")).containsExactly("a");
    }

    @Test
    void aTemporaryChildThatTheFirstMemberDidNotBringDoesNotCountAsLost() {
        cluster.start("a");
        cluster.staticChildren(
                ChildSpec.of("late", "completing").withRestart(RestartType.TEMPORARY), ChildSpec.of("stays", "stays"));
        TestPeer b = cluster.start("b");
        cluster.awaitRunning("stays", "b");
        cluster.awaitRenewals(b, 30);
        assertThat(cluster.runners("late")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "truncate mirrored_supervisor.child",
                "delete from mirrored_supervisor.child where id in ('once', 'stays')",
                "truncate mirrored_supervisor.child, mirrored_supervisor.removed_child"
            })
    void a21ATemporaryChildWhoseRowWasDeletedDoesNotRunAgainInTheLifeOfTheGroup(String deed) {
        cluster.staticChildren(
                ChildSpec.of("once", "once").withRestart(RestartType.TEMPORARY), ChildSpec.of("stays", "stays"));
        TestPeer a = cluster.start("a");
        cluster.awaitRunning("once", "a");
        cluster.awaitRunning("stays", "a");
        hand(deed);
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("stays")).hasSize(2));
        TestPeer b = cluster.start("b"); // it declares the child too
        cluster.awaitRenewals(a, 30);
        assertThat(cluster.running("once")).isEmpty();
        assertThat(cluster.runners("once")).hasSize(1);
        assertThat(cluster.running("stays")).hasSize(1);

        a.peer.stop().join();
        b.peer.stop().join();
        cluster.start("c"); // the group was empty, so its life begins again
        cluster.awaitRunning("once", "c");
    }
}
