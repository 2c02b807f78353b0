package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.GroupTerminatedException;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A member restarts its own children. The restart that exceeds the intensity ends the group on all members. Methods are
 * named after the semantics rows they check.
 */
class GroupDeathTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @Test
    void b46RestartsAndTheirStrategyStayOnOneMember() {
        cluster.settings(Strategy.ONE_FOR_ALL, 1, Duration.ofMinutes(5));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("sibling"));
        b.supervisor.startChild(worker("elsewhere"));
        a.supervisor.startChild(ChildSpec.of("crashes", "crashing"));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("sibling")).containsExactly("a", "a"));
        assertThat(cluster.runners("crashes")).containsExactly("a", "a");
        assertThat(cluster.runners("elsewhere")).containsExactly("b");
    }

    @Test
    void b47WhenTheIntensityIsExceededTheWholeGroupEndsAndNothingMigrates() {
        cluster.settings(Strategy.ONE_FOR_ONE, 1, Duration.ZERO);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("healthy"));
        b.supervisor.startChild(worker("elsewhere"));
        a.supervisor.startChild(ChildSpec.of("poison", "crashing"));
        a.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("poison"));
        b.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.group()).isEqualTo("orders"));
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(cluster.running("healthy")).isEmpty();
            assertThat(cluster.running("elsewhere")).isEmpty();
        });
        assertThat(cluster.runners("poison")).containsExactly("a", "a");
        assertThatThrownBy(() -> b.supervisor.startChild(worker("x"))).isInstanceOf(GroupTerminatedException.class);
        assertThatThrownBy(() -> a.supervisor.restartChild("healthy")).isInstanceOf(GroupTerminatedException.class);
        assertThat(b.supervisor.whichChildren())
                .hasSize(3)
                .allSatisfy(child -> assertThat(child.phase()).isEqualTo(Phase.STOPPED));
    }

    @Test
    void b48WhoJoinsOrIsDeafLearnsOfTheEndAllTheSame() {
        cluster.staticChildren(ChildSpec.of("s", "s")).settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO);
        cluster.wrap = GroupDeathTests::deaf;
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        cluster.awaitRunning("s", "a");
        b.supervisor.startChild(worker("elsewhere"));
        a.supervisor.startChild(ChildSpec.of("poison", "crashing"));
        b.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("poison"));
        TestPeer c = cluster.start("c");
        c.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("poison"));
        assertThatThrownBy(() -> c.supervisor.startChild(worker("x"))).isInstanceOf(GroupTerminatedException.class);
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running("elsewhere")).isEmpty());
        cluster.awaitRenewals(c, 11);
        assertThat(cluster.runners("s")).containsExactly("a");
    }

    @Test
    void b50ATerminatedGroupIsRevivedOnEveryPeer() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        b.supervisor.startChild(worker("healthy"));
        a.supervisor.startChild(ChildSpec.of("poison", "crashing"));
        b.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).isNotBlank());
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running("healthy")).isEmpty());
        a.supervisor.removeChild("poison");
        a.supervisor.restartGroup();
        cluster.awaitRunning("healthy", "b");
        b.onEvent(
                SupervisorEvent.GroupRestarted.class, e -> assertThat(e.group()).isEqualTo("orders"));
    }

    @Test
    void b49TheRowsOutliveTheGroupAndWhatEndedItCanBeTakenOut() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO);
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("healthy"));
        a.supervisor.startChild(worker("stopped"));
        a.supervisor.startChild(ChildSpec.of("poison", "crashing"));
        a.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("poison"));
        a.peer.stop().join();
        TestPeer b = cluster.start("b");
        b.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("poison"));
        b.supervisor.removeChild("poison");
        b.supervisor.terminateChild("stopped");
        assertThat(b.supervisor.whichChildren()).extracting(ChildInfo::id).containsExactly("healthy", "stopped");
        b.supervisor.restartGroup();
        cluster.awaitRunning("healthy", "b");
        assertThat(b.supervisor.restartChild("stopped")).isInstanceOf(Started.class);
    }

    @Test
    void theCallAfterRestartGroupFindsTheGroupAliveAlsoIfItsCallerWasInterrupted() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO);
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("poison", "crashing"));
        a.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("poison"));
        a.supervisor.removeChild("poison");
        Thread.currentThread().interrupt();
        a.supervisor.restartGroup();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(a.supervisor.startChild(worker("next"))).isInstanceOf(Started.class);
    }

    /** A store whose listener receives nothing. */
    private static Store deaf(Store store) {
        return new Store() {
            @Override
            public RenewalSession openRenewals() {
                return store.openRenewals();
            }

            @Override
            public WorkSession openWork() {
                return store.openWork();
            }

            @Override
            public WorkSession openReads() {
                return store.openReads();
            }

            @Override
            public NotificationSession openHints(Set<String> groups) {
                return new Deaf();
            }
        };
    }

    private static final class Deaf implements NotificationSession {

        private final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public List<Hint> await(PeerId me, Duration limit) {
            try {
                closed.await(limit.toNanos(), java.util.concurrent.TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return List.of();
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
