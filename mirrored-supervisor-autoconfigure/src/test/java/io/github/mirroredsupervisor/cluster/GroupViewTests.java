package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildKind;
import io.github.mirroredsupervisor.ChildRunningException;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.PeerInfo;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What the group shows of itself: every member shows the same, and every child is visible. Methods are named after the
 * semantics rows they check.
 */
class GroupViewTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @Test
    void a47b22WhichChildrenIsInStartOrderAndTheSameFromEveryMember() {
        cluster.staticChildren(ChildSpec.of("z", "z"), ChildSpec.of("m", "m"));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        b.supervisor.startChild(worker("y"));
        a.supervisor.startChild(worker("b"));
        b.supervisor.startChild(worker("x"));
        cluster.awaitRunning("z", "a");
        cluster.awaitRunning("m", "a");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(a.supervisor.whichChildren())
                        .extracting(ChildInfo::id, ChildInfo::phase)
                        .containsExactly(
                                tuple("z", Phase.RUNNING),
                                tuple("m", Phase.RUNNING),
                                tuple("y", Phase.RUNNING),
                                tuple("b", Phase.RUNNING),
                                tuple("x", Phase.RUNNING)));
        assertThat(b.supervisor.whichChildren()).isEqualTo(a.supervisor.whichChildren());
        cluster.alsoIn("billing");
        assertThat(cluster.start("c").supervisor.whichChildren()).isEqualTo(a.supervisor.whichChildren());
    }

    @Test
    void a48b23CountChildrenAddsUp() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("one"));
        b.supervisor.startChild(worker("two").withKind(ChildKind.SUPERVISOR));
        a.supervisor.terminateChild("one");
        assertThat(a.supervisor.countChildren()).isEqualTo(new ChildCounts(2, 1, 1, 1));
        assertThat(b.supervisor.countChildren()).isEqualTo(a.supervisor.countChildren());
        assertThat(a.supervisor.peers()).extracting(PeerInfo::label).containsExactly("a", "b");
    }

    @Test
    void a1a49TheStoredSpecIsTheWholeSpec() {
        cluster.policies(new GroupPolicies(
                GroupPolicies.AutoShutdown.ANY_SIGNIFICANT,
                GroupPolicies.DEFAULT.onIntensityExceeded(),
                GroupPolicies.DEFAULT.onEmptyGroup(),
                GroupPolicies.DEFAULT.onStartFailure(),
                null));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        ChildSpec whole = worker("whole")
                .withArguments(Map.of("tenant", 7, "tags", List.of("x", "y")))
                .withRestart(RestartType.TRANSIENT)
                .withRestartDelay(Duration.ofMillis(1500))
                .withShutdown(new Shutdown.Timeout(Duration.ZERO))
                .withKind(ChildKind.SUPERVISOR)
                .withSignificant(true)
                .withTakeover(Takeover.IMMEDIATE)
                .withOnOutage(OutagePolicy.CONTINUE);
        a.supervisor.startChild(whole);
        a.supervisor.startChild(worker("defaults"));
        assertThat(b.supervisor.childSpec("whole")).contains(whole);
        assertThat(b.supervisor.childSpec("defaults")).contains(worker("defaults"));
        assertThat(b.supervisor.childSpec("absent")).isEmpty();
    }

    @Test
    void a52ASupervisorWhosePeerDoesNotRunSaysSo() throws Exception {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        a.peer.stop().get();
        for (var call : List.<Runnable>of(
                () -> a.supervisor.whichChildren(),
                () -> a.supervisor.countChildren(),
                () -> a.supervisor.startChild(worker("d")),
                () -> a.supervisor.terminateChild("c"),
                () -> a.supervisor.restartGroup())) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(PeerNotJoinedException.class)
                    .hasMessageContaining("not running");
        }
        assertThat(a.supervisor.group()).isEqualTo("orders");
        assertThat(a.supervisor.self()).isNotNull();
    }

    @Test
    void b24ViewsAnswerWhileMembersDieAndJoin() {
        TestPeer survivor = cluster.start("survivor");
        Background<Integer> looking = Background.call(() -> {
            int views = 0;
            while (cluster.journal("last").isEmpty()) {
                assertThat(survivor.supervisor.whichChildren()).hasSizeBetween(0, 3);
                assertThat(survivor.supervisor.countChildren().specs()).isBetween(0L, 3L);
                views++;
            }
            return views;
        });
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("one"));
        TestPeer b = cluster.start("b");
        b.supervisor.startChild(worker("two"));
        a.kill();
        cluster.awaitRunning("one", "survivor");
        b.peer.stop().join();
        cluster.awaitRunning("two", "survivor");
        survivor.supervisor.startChild(worker("last"));
        assertThat(looking.result()).isGreaterThan(10);
    }

    @Test
    void b18b25AnOrphanIsShownAndCountedAndACallWaitsForItsAdoption() {
        AtomicBoolean adoptionFails = new AtomicBoolean(true);
        cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, (method, args) -> {
            if (method.equals("grant") && adoptionFails.get()) {
                throw new StoreUnavailableException("the adopter's connection was cut", null);
            }
            return null;
        });
        cluster.start("adopter");
        cluster.wrap = store -> store;
        TestPeer a = cluster.start("a");
        TestPeer onlooker = cluster.start("onlooker", "completing"); // it cannot run the child
        a.supervisor.startChild(worker("c"));
        a.kill();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(onlyChild(onlooker).phase()).isEqualTo(Phase.ORPHANED));
        assertThat(onlooker.supervisor.countChildren()).isEqualTo(new ChildCounts(1, 0, 0, 1));
        Background<Boolean> deletion = Background.call(() -> {
            onlooker.supervisor.deleteChild("c");
            return true;
        });
        cluster.awaitRenewals(onlooker, 3);
        assertThat(deletion.thread().isAlive()).isTrue();
        assertThat(onlyChild(onlooker).phase()).isEqualTo(Phase.ORPHANED);
        adoptionFails.set(false);
        assertThatThrownBy(deletion::result).isInstanceOf(ChildRunningException.class);
        cluster.awaitRunning("c", "adopter");
    }

    @Test
    void b25b42AnAdoptedChildWhoseStartFailsIsShownAndTriedAgainAndHoldsUpNothing() {
        AtomicBoolean fails = new AtomicBoolean();
        cluster.type("moody", label -> cluster.reluctant(label, fails::get));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("bad", "moody"));
        a.supervisor.startChild(worker("good"));
        fails.set(true);
        a.kill();
        cluster.awaitRunning("good", "b");
        b.onEvent(
                SupervisorEvent.ChildStartFailed.class,
                e -> assertThat(e.reason()).contains("not today"));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(b.supervisor.whichChildren())
                        .filteredOn(child -> child.id().equals("bad"))
                        .singleElement()
                        .satisfies(child -> {
                            assertThat(child.phase()).isEqualTo(Phase.RESTARTING);
                            assertThat(child.owner()).isNotNull();
                            assertThat(child.owner().label()).isEqualTo("b");
                        }));
        assertThat(b.supervisor.startChild(worker("bad"))).isEqualTo(new StartResult.AlreadyPresent("bad"));
        fails.set(false);
        cluster.awaitRunning("bad", "b");
        assertThat(b.events(SupervisorEvent.GroupTerminated.class)).isEmpty();
    }

    private static ChildInfo onlyChild(TestPeer peer) {
        List<ChildInfo> children = peer.supervisor.whichChildren();
        assertThat(children).hasSize(1);
        return children.get(0);
    }
}
