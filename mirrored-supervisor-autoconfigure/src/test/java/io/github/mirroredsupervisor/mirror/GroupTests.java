package io.github.mirroredsupervisor.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildNotFoundException;
import io.github.mirroredsupervisor.ChildRestartingException;
import io.github.mirroredsupervisor.ChildRunningException;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.GroupTerminatedException;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import io.github.mirroredsupervisor.InvalidChildSpecException.Reason;
import io.github.mirroredsupervisor.NoCapablePeerException;
import io.github.mirroredsupervisor.OwnerTimeoutException;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerInfo;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StartResult.AlreadyPresent;
import io.github.mirroredsupervisor.StartResult.AlreadyStarted;
import io.github.mirroredsupervisor.StartResult.Ignored;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.mirror.TestCluster.TestPeer;
import io.github.mirroredsupervisor.supervision.Strategy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several peers over one real database: the calls from any peer, adoption, hand-over, group death. */
class GroupTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    private static ChildSpec worker(String id) {
        return ChildSpec.of(id, "worker");
    }

    @Test
    void b12AChildRunsOnThePeerThatWasCalled() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        StartResult result = b.supervisor.startChild(worker("c"));
        assertThat(result).isInstanceOfSatisfying(Started.class, started -> {
            assertThat(started.child().owner().label()).isEqualTo("b");
            assertThat(started.child().fencingToken()).isPositive();
        });
        cluster.awaitRunning("c", "b");
        assertThat(a.supervisor.whichChildren()).singleElement().satisfies(child -> {
            assertThat(child.phase()).isEqualTo(Phase.RUNNING);
            assertThat(child.owner()).isNotNull();
            assertThat(child.owner().label()).isEqualTo("b");
        });
    }

    @Test
    void b13AKnownIdIsNeverChanged() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        Started first = (Started) a.supervisor.startChild(worker("c"));
        assertThat(b.supervisor.startChild(worker("c").withArguments(Map.of("x", 1))))
                .isEqualTo(new AlreadyStarted(first.child()));
        assertThat(b.supervisor.childSpec("c")).contains(worker("c"));
        b.supervisor.terminateChild("c");
        assertThat(a.supervisor.startChild(worker("c"))).isEqualTo(new AlreadyPresent("c"));
    }

    @Test
    void b16CallsReachTheOwnerFromAnyPeer() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        assertThatThrownBy(() -> b.supervisor.restartChild("c")).isInstanceOf(ChildRunningException.class);
        assertThatThrownBy(() -> b.supervisor.deleteChild("c")).isInstanceOf(ChildRunningException.class);
        b.supervisor.terminateChild("c");
        b.supervisor.terminateChild("c");
        assertThat(cluster.running("c")).isEmpty();
        assertThat(b.supervisor.whichChildren())
                .singleElement()
                .extracting(ChildInfo::phase)
                .isEqualTo(Phase.STOPPED);
        assertThat(b.supervisor.restartChild("c")).isInstanceOf(Started.class);
        cluster.awaitRunning("c", "a");
        b.supervisor.terminateChild("c");
        b.supervisor.deleteChild("c");
        assertThat(a.supervisor.whichChildren()).isEmpty();
        for (var call : List.<Runnable>of(
                () -> b.supervisor.restartChild("c"),
                () -> b.supervisor.terminateChild("c"),
                () -> b.supervisor.deleteChild("c"))) {
            assertThatThrownBy(call::run).isInstanceOf(ChildNotFoundException.class);
        }
        b.supervisor.removeChild("c");
    }

    @Test
    void a43ATerminatedChildIsStoppedWhenTheCallReturnsHoweverBusyItsOwnerIs() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        CompletableFuture<Void> busy = CompletableFuture.runAsync(
                () -> {
                    for (int i = 0; i < 300; i++) {
                        a.supervisor.restartGroup(); // a full comparison each
                    }
                },
                task -> new Thread(task).start());
        for (int i = 0; i < 50 || !busy.isDone(); i++) {
            b.supervisor.terminateChild("c");
            assertThat(b.supervisor.whichChildren())
                    .singleElement()
                    .extracting(ChildInfo::phase)
                    .isEqualTo(Phase.STOPPED);
            assertThat(b.supervisor.restartChild("c")).isInstanceOf(Started.class);
        }
        busy.join();
    }

    @Test
    void removeChildStopsAndForgets() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        b.supervisor.removeChild("c");
        assertThat(cluster.running("c")).isEmpty();
        assertThat(a.supervisor.whichChildren()).isEmpty();
        assertThat(a.supervisor.startChild(worker("c"))).isInstanceOf(Started.class);
    }

    @Test
    void ensureChildStartsLeavesAloneOrReplaces() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        assertThat(a.supervisor.ensureChild(worker("c"))).isInstanceOf(Started.class);
        assertThat(b.supervisor.ensureChild(worker("c"))).isInstanceOf(AlreadyStarted.class);
        ChildSpec counted = worker("n").withArguments(Map.of("from", 7L));
        a.supervisor.ensureChild(counted);
        assertThat(b.supervisor.ensureChild(counted)).isInstanceOf(AlreadyStarted.class);
        assertThat(cluster.runners("c")).hasSize(1);
        ChildSpec other = worker("c").withArguments(Map.of("x", 2));
        assertThat(b.supervisor.ensureChild(other)).isInstanceOf(Started.class);
        assertThat(cluster.runners("c")).containsExactly("a", "a");
        assertThat(a.supervisor.childSpec("c")).contains(other);
        a.supervisor.terminateChild("c");
        assertThat(b.supervisor.ensureChild(other)).isInstanceOf(Started.class);
    }

    @Test
    void b29AStartThatFailsLeavesNothingBehind() {
        TestPeer a = cluster.start("a");
        assertThatThrownBy(() -> a.supervisor.startChild(ChildSpec.of("c", "bad-init")))
                .isInstanceOf(ChildStartException.class)
                .hasMessageContaining("no such feed")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(a.supervisor.whichChildren()).isEmpty();
        assertThat(a.supervisor.startChild(worker("c"))).isInstanceOf(Started.class);
    }

    @Test
    void a13AChildThatIsIgnoredStaysKnownUnlessTemporary() {
        TestPeer a = cluster.start("a");
        assertThat(a.supervisor.startChild(ChildSpec.of("c", "ignoring"))).isEqualTo(new Ignored("c"));
        assertThat(a.supervisor.startChild(ChildSpec.of("c", "ignoring"))).isEqualTo(new AlreadyPresent("c"));
        ChildSpec temporary = ChildSpec.of("t", "ignoring").withRestart(RestartType.TEMPORARY);
        assertThat(a.supervisor.startChild(temporary)).isEqualTo(new Ignored("t"));
        assertThat(a.supervisor.whichChildren()).extracting(ChildInfo::id).containsExactly("c");
    }

    @Test
    void b26ASpecIsCheckedBeforeAnythingIsStored() {
        TestPeer a = cluster.start("a");
        assertThatThrownBy(() -> a.supervisor.startChild(ChildSpec.of("c", "no-such-type")))
                .isInstanceOfSatisfying(
                        InvalidChildSpecException.class,
                        e -> assertThat(e.violations().get(0).reason()).isEqualTo(Reason.UNKNOWN_TYPE));
        assertThatThrownBy(
                        () -> a.supervisor.startChild(ChildSpec.of(null, null).withShutdown(null)))
                .isInstanceOfSatisfying(
                        InvalidChildSpecException.class,
                        e -> assertThat(e.violations())
                                .extracting(InvalidChildSpecException.Violation::reason)
                                .containsExactly(Reason.MISSING_ID, Reason.MISSING_START, Reason.INVALID_SHUTDOWN));
        assertThatThrownBy(() -> a.supervisor.startChild(null)).isInstanceOf(InvalidChildSpecException.class);
        assertThat(a.supervisor.whichChildren()).isEmpty();
    }

    @Test
    void b58TwoPeersThatStartTheSameNewIdGiveOneRun() throws Exception {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        for (int round = 0; round < 100; round++) {
            String id = "c" + round;
            CyclicBarrier together = new CyclicBarrier(2);
            CompletableFuture<StartResult> one = startTogether(a, id, together);
            CompletableFuture<StartResult> other = startTogether(b, id, together);
            assertThat(List.of(one.get(), other.get()))
                    .as("round %s", round)
                    .hasOnlyElementsOfTypes(Started.class, AlreadyStarted.class)
                    .satisfiesOnlyOnce(result -> assertThat(result).isInstanceOf(Started.class));
            assertThat(cluster.runners(id)).hasSize(1);
        }
    }

    private static CompletableFuture<StartResult> startTogether(TestPeer peer, String id, CyclicBarrier together) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        together.await();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                    return peer.supervisor.startChild(worker(id));
                },
                task -> new Thread(task).start());
    }

    @Test
    void b34b35AStoppedPeersChildrenRunElsewhereAfterTheyHaveStopped() throws Exception {
        TestPeer a = cluster.start("a");
        cluster.start("b");
        IntStream.range(0, 20).forEach(i -> a.supervisor.startChild(worker("c" + i)));
        a.peer.stop().get();
        IntStream.range(0, 20).forEach(i -> cluster.awaitRunning("c" + i, "b"));
        IntStream.range(0, 20).forEach(i -> assertThat(cluster.runners("c" + i)).containsExactly("a", "b"));
    }

    @Test
    void aPeerThatIsStartedAgainJoinsUnderANewId() throws Exception {
        TestPeer a = cluster.start("a");
        PeerId first = a.supervisor.self();
        a.supervisor.startChild(worker("c"));
        a.peer.stop().get();
        a.peer.start();
        assertThat(a.supervisor.self()).isNotEqualTo(first);
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("c")).hasSize(2));
        assertThat(a.supervisor.peers())
                .extracting(PeerInfo::id)
                .containsExactly(a.supervisor.self().toString());
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
    void aTerminatedGroupIsRevivedOnEveryPeer() {
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
    void a24ARestartThatWouldExceedTheIntensityIsDelayedAndVisible() {
        cluster.settings(Strategy.ONE_FOR_ONE, 1, Duration.ofMinutes(5));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("c", "crashing"));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(b.supervisor.whichChildren())
                        .singleElement()
                        .satisfies(child -> {
                            assertThat(child.phase()).isEqualTo(Phase.RESTARTING);
                            assertThat(child.nextRetry()).isNotNull();
                            assertThat(child.lastExit()).isNotNull();
                            assertThat(child.lastExit().reason()).contains("crash");
                        }));
        assertThat(cluster.runners("c")).hasSize(2);
        assertThat(b.supervisor.startChild(worker("c"))).isEqualTo(new AlreadyPresent("c"));
        assertThatThrownBy(() -> b.supervisor.restartChild("c")).isInstanceOf(ChildRestartingException.class);
        assertThatThrownBy(() -> b.supervisor.deleteChild("c")).isInstanceOf(ChildRestartingException.class);
        b.supervisor.terminateChild("c");
        assertThat(b.supervisor.restartChild("c")).isInstanceOf(Started.class);
    }

    @Test
    void b31b32EndedChildrenDoNotComeBackWithAFailover() throws Exception {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("done", "completing").withRestart(RestartType.TRANSIENT));
        a.supervisor.startChild(ChildSpec.of("brief", "completing").withRestart(RestartType.TEMPORARY));
        a.supervisor.startChild(worker("lasting").withRestart(RestartType.TEMPORARY));
        a.supervisor.startChild(worker("stopped"));
        a.supervisor.startChild(worker("witness"));
        a.supervisor.terminateChild("stopped");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(b.supervisor.whichChildren())
                        .extracting(ChildInfo::id, ChildInfo::phase)
                        .containsExactly(
                                tuple("done", Phase.COMPLETED),
                                tuple("lasting", Phase.RUNNING),
                                tuple("stopped", Phase.STOPPED),
                                tuple("witness", Phase.RUNNING)));
        a.peer.stop().get();
        cluster.awaitRunning("witness", "b");
        assertThat(b.supervisor.whichChildren())
                .extracting(ChildInfo::id)
                .containsExactly("done", "stopped", "witness");
        assertThat(cluster.runners("done")).containsExactly("a");
        assertThat(cluster.runners("lasting")).containsExactly("a");
        assertThat(cluster.runners("stopped")).containsExactly("a");
        assertThat(b.supervisor.restartChild("done")).isInstanceOf(Started.class);
        assertThat(b.supervisor.restartChild("stopped")).isInstanceOf(Started.class);
    }

    @Test
    void aMovedChildRunsOnItsTargetOnly() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        a.supervisor.moveChild("c", b.supervisor.self());
        cluster.awaitRunning("c", "b");
        assertThat(cluster.runners("c")).containsExactly("a", "b");
        assertThatThrownBy(() -> b.supervisor.moveChild("c", PeerId.random()))
                .isInstanceOf(NoCapablePeerException.class);
        a.supervisor.cordon(a.supervisor.self());
        assertThatThrownBy(() -> b.supervisor.moveChild("c", a.supervisor.self()))
                .isInstanceOf(NoCapablePeerException.class);
    }

    @Test
    void aChildOfATypeThatNobodyKnowsStaysVisible() throws Exception {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b", "completing");
        a.supervisor.startChild(worker("c"));
        a.peer.stop().get();
        assertThat(b.supervisor.whichChildren())
                .singleElement()
                .extracting(ChildInfo::phase)
                .isEqualTo(Phase.UNPLACEABLE);
        b.supervisor.terminateChild("c");
        b.supervisor.deleteChild("c");
        assertThat(b.supervisor.whichChildren()).isEmpty();
    }

    @Test
    void staticChildrenRunOnceWhateverTheNumberOfPeers() {
        cluster.staticChildren(ChildSpec.of("z-first", "z-first"), ChildSpec.of("a-second", "a-second"));
        cluster.start("a");
        TestPeer b = cluster.start("b");
        cluster.awaitRunning("z-first", "a");
        cluster.awaitRunning("a-second", "a");
        assertThat(b.supervisor.whichChildren()).extracting(ChildInfo::id).containsExactly("z-first", "a-second");
        assertThat(cluster.runners("z-first")).hasSize(1);
    }

    @Test
    void a16AStaticChildTakesItsOwnersDefinitionAtItsNextStart() throws Exception {
        cluster.staticChildren(ChildSpec.of("s", "s"));
        TestPeer a = cluster.start("a");
        cluster.awaitRunning("s", "a");
        ChildSpec newer = ChildSpec.of("s", "s").withShutdown(new Shutdown.Timeout(Duration.ofSeconds(1)));
        cluster.staticChildren(newer);
        TestPeer b = cluster.start("b");
        assertThat(b.supervisor.childSpec("s")).contains(ChildSpec.of("s", "s"));
        a.peer.stop().get();
        cluster.awaitRunning("s", "b");
        assertThat(b.supervisor.childSpec("s")).contains(newer);
    }

    @Test
    void countChildrenAddsUp() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("one"));
        b.supervisor.startChild(worker("two").withKind(io.github.mirroredsupervisor.ChildKind.SUPERVISOR));
        a.supervisor.terminateChild("one");
        assertThat(a.supervisor.countChildren()).isEqualTo(new ChildCounts(2, 1, 1, 1));
        assertThat(a.supervisor.peers()).extracting(PeerInfo::label).containsExactly("a", "b");
    }

    @Test
    void aChildThatIgnoresItsStopIsShownAsStuckAndKeepsItsPeerFromLeaving() throws Exception {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("g", "gated").withShutdown(new Shutdown.Timeout(Duration.ofMillis(100))));
        a.supervisor.startChild(worker("quick"));
        a.peer.stop().get();
        cluster.awaitRunning("quick", "b");
        a.onEvent(
                SupervisorEvent.ChildStuck.class,
                e -> assertThat(e.child().childId()).isEqualTo("g"));
        cluster.open("g");
        b.onEvent(
                SupervisorEvent.PeerDeclaredDead.class,
                e -> assertThat(e.peer()).isEqualTo(a.supervisor.self()));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("g")).startsWith("a", "b"));
    }

    @Test
    void aTerminationThatTakesLongerThanACallStandsUntilItIsCarriedOut() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("g", "gated").withShutdown(new Shutdown.Infinity()));
        assertThatThrownBy(() -> a.supervisor.terminateChild("g")).isInstanceOf(OwnerTimeoutException.class);
        assertThat(a.supervisor.whichChildren())
                .singleElement()
                .extracting(ChildInfo::phase)
                .isEqualTo(Phase.STOPPING);
        cluster.open("g");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(a.supervisor.whichChildren())
                        .singleElement()
                        .extracting(ChildInfo::phase)
                        .isEqualTo(Phase.STOPPED));
    }

    @Test
    void aHandEditedSpecHarmsNobody() throws Exception {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("broken"));
        a.supervisor.startChild(worker("fine"));
        cluster.database()
                .jdbc()
                .sql("update mirrored_supervisor.child set spec = '{\"shutdown\": \"soon\"}' where id = 'broken'")
                .update();
        a.peer.stop().get();
        cluster.awaitRunning("fine", "b");
        assertThat(b.supervisor.whichChildren())
                .extracting(ChildInfo::id, ChildInfo::phase)
                .containsExactlyInAnyOrder(tuple("broken", Phase.UNPLACEABLE), tuple("fine", Phase.RUNNING));
        b.supervisor.removeChild("broken");
    }

    @Test
    void aRowThatIsDeletedByHandStopsItsChild() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        cluster.database().jdbc().sql("delete from mirrored_supervisor.child").update();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running("c")).isEmpty());
    }
}
