package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildDeclaredException;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildNotFoundException;
import io.github.mirroredsupervisor.ChildRestartingException;
import io.github.mirroredsupervisor.ChildRunningException;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import io.github.mirroredsupervisor.InvalidChildSpecException.Reason;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.NoCapablePeerException;
import io.github.mirroredsupervisor.OwnerTimeoutException;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StartResult.AlreadyPresent;
import io.github.mirroredsupervisor.StartResult.AlreadyStarted;
import io.github.mirroredsupervisor.StartResult.Ignored;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The calls that change something, from any peer. Methods are named after the semantics rows they check. */
class GroupCallTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    private static Phase onlyPhase(TestPeer peer) {
        List<ChildInfo> children = peer.supervisor.whichChildren();
        assertThat(children).hasSize(1);
        return children.get(0).phase();
    }

    // ---- starting

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
    void a13a15AChildThatIsIgnoredStaysKnownUnlessTemporary() {
        TestPeer a = cluster.start("a");
        assertThat(a.supervisor.startChild(ChildSpec.of("c", "ignoring"))).isEqualTo(new Ignored("c"));
        assertThat(a.supervisor.startChild(ChildSpec.of("c", "ignoring"))).isEqualTo(new AlreadyPresent("c"));
        ChildSpec temporary = ChildSpec.of("t", "ignoring").withRestart(RestartType.TEMPORARY);
        assertThat(a.supervisor.startChild(temporary)).isEqualTo(new Ignored("t"));
        assertThat(a.supervisor.whichChildren()).extracting(ChildInfo::id).containsExactly("c");
    }

    @Test
    void a14b26ASpecIsCheckedBeforeAnythingIsStored() {
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
    void a16b13AKnownIdIsNeverChanged() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        Started first = (Started) a.supervisor.startChild(worker("c"));
        assertThat(b.supervisor.startChild(worker("c").withArguments(Map.of("x", 1))))
                .isEqualTo(new AlreadyStarted(first.child()));
        assertThat(a.supervisor.startChild(worker("c"))).isEqualTo(new AlreadyStarted(first.child()));
        assertThat(b.supervisor.childSpec("c")).contains(worker("c"));
        b.supervisor.terminateChild("c");
        assertThat(a.supervisor.startChild(worker("c").withArguments(Map.of("x", 1))))
                .isEqualTo(new AlreadyPresent("c"));
        assertThat(b.supervisor.childSpec("c")).contains(worker("c"));
    }

    @Test
    void b14AStartTakesAnOrphanOverWithItsOwnSpec() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b", "gated"); // another type than the child's
        a.supervisor.startChild(worker("c"));
        a.kill();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(onlyPhase(b)).isEqualTo(Phase.UNPLACEABLE));
        ChildSpec other = ChildSpec.of("c", "gated");
        assertThat(b.supervisor.startChild(other))
                .isInstanceOfSatisfying(
                        Started.class,
                        started -> assertThat(started.child().owner().label()).isEqualTo("b"));
        cluster.awaitRunning("c", "b");
        assertThat(b.supervisor.childSpec("c")).contains(other);
        cluster.open("c");
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
    void ensureChildOfTheSameSpecChangesNothingWhateverItsArgumentsAre() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        List<Object> values = List.of(
                1e7,
                -0.0,
                1e10,
                1.1f,
                Double.MIN_VALUE,
                Double.MAX_VALUE,
                new BigDecimal("0.10000000000000000000000001"),
                new BigDecimal("1.10"),
                new BigDecimal("1e400"),
                BigInteger.TWO.pow(200),
                Instant.EPOCH,
                Duration.ofNanos(1),
                Set.of("x", "y", "z"),
                new int[] {1, 2},
                Map.of("nested", List.of(Map.of("n", 1e7), -0.0f), "\uD83D\uDE00", "\uFFFF"));
        for (int i = 0; i < values.size(); i++) {
            ChildSpec spec = worker("c" + i)
                    .withArguments(Map.of("v", values.get(i)))
                    .withRestartDelay(Duration.ofSeconds(Long.MAX_VALUE, 1))
                    .withShutdown(new Shutdown.Timeout(Duration.ofNanos(1_000_001)))
                    .withProgressTimeout(Duration.ofDays(1).plusNanos(1));
            Started first = (Started) a.supervisor.ensureChild(spec);
            assertThat(a.supervisor.ensureChild(spec))
                    .as("%s", values.get(i))
                    .isEqualTo(new AlreadyStarted(first.child()));
            ChildSpec stored = b.supervisor.childSpec("c" + i).orElseThrow();
            assertThat(b.supervisor.ensureChild(stored)).isEqualTo(new AlreadyStarted(first.child()));
        }
    }

    @Test
    void ensureChildOfADeclaredChildChangesNothingOrIsRefused() {
        cluster.staticChildren(worker("s"));
        TestPeer a = cluster.start("a");
        cluster.awaitRunning("s", "a");
        cluster.staticChildren();
        TestPeer b = cluster.start("b");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(
                        () -> assertThat(b.supervisor.ensureChild(worker("s"))).isInstanceOf(AlreadyStarted.class));
        for (TestPeer peer : List.of(a, b)) {
            assertThatThrownBy(() -> peer.supervisor.ensureChild(worker("s").withArguments(Map.of("x", 1))))
                    .isInstanceOf(ChildDeclaredException.class)
                    .hasMessageContaining("is declared by");
        }
        assertThat(cluster.runners("s")).containsExactly("a");
        a.supervisor.terminateChild("s");
        assertThatThrownBy(() -> b.supervisor.ensureChild(ChildSpec.of("s", "gated")))
                .isInstanceOf(ChildDeclaredException.class);
        assertThat(b.supervisor.ensureChild(worker("s"))).isInstanceOf(Started.class);
        assertThat(b.supervisor.childSpec("s")).contains(worker("s"));
    }

    @Test
    void noStringOfASpecIsStoredAsAnother() {
        TestPeer a = cluster.start("a");
        for (ChildSpec spec : List.of(
                worker("c\uD800"),
                worker("c\0"),
                ChildSpec.of("c", "worker\uDC00"),
                worker("c").withArguments(Map.of("k", "v\uD800")),
                worker("c").withArguments(Map.of("k\uD800", "v")))) {
            assertThatThrownBy(() -> a.supervisor.startChild(spec)).isInstanceOf(InvalidChildSpecException.class);
            assertThatThrownBy(() -> a.supervisor.ensureChild(spec)).isInstanceOf(InvalidChildSpecException.class);
        }
        assertThat(a.supervisor.whichChildren()).isEmpty();
    }

    // ---- terminating, restarting, deleting

    @Test
    void b16b20CallsReachTheOwnerFromAnyPeerAndOnlyADeletionForgets() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        assertThatThrownBy(() -> b.supervisor.restartChild("c")).isInstanceOf(ChildRunningException.class);
        assertThatThrownBy(() -> b.supervisor.deleteChild("c")).isInstanceOf(ChildRunningException.class);
        b.supervisor.terminateChild("c");
        assertThat(cluster.running("c")).isEmpty();
        assertThat(a.supervisor.whichChildren())
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
    void a43TerminatingIsIdempotentAndRemovesATemporaryChild() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        b.supervisor.terminateChild("c");
        a.supervisor.terminateChild("c");
        b.supervisor.terminateChild("c");
        a.supervisor.startChild(worker("t").withRestart(RestartType.TEMPORARY));
        b.supervisor.terminateChild("t");
        assertThatThrownBy(() -> b.supervisor.terminateChild("t")).isInstanceOf(ChildNotFoundException.class);
        cluster.awaitRenewals(a, 11);
        assertThat(cluster.runners("c")).containsExactly("a");
        assertThat(cluster.runners("t")).containsExactly("a");
    }

    @Test
    void a44b19ARestartIsTheOwnersAndCountsForNoIntensity() {
        cluster.settings(Strategy.ONE_FOR_ONE, 1, Duration.ZERO);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        for (int i = 0; i < 3; i++) { // more than the intensity
            b.supervisor.terminateChild("c");
            assertThat(b.supervisor.restartChild("c"))
                    .isInstanceOfSatisfying(
                            Started.class,
                            started ->
                                    assertThat(started.child().owner().label()).isEqualTo("a"));
        }
        assertThat(cluster.runners("c")).containsOnly("a").hasSize(4);
        assertThat(a.supervisor.whichChildren()).singleElement().satisfies(child -> {
            assertThat(child.restarts()).isZero();
            assertThat(child.restartsInWindow()).isZero();
        });
        a.supervisor.startChild(ChildSpec.of("once", "completing").withRestart(RestartType.TRANSIENT));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(b.supervisor.whichChildren())
                        .extracting(ChildInfo::phase)
                        .containsExactly(Phase.RUNNING, Phase.COMPLETED));
        assertThat(b.supervisor.restartChild("once")).isInstanceOf(Started.class);
        assertThatThrownBy(() -> b.supervisor.restartChild("c")).isInstanceOf(ChildRunningException.class);
        assertThatThrownBy(() -> b.supervisor.restartChild("absent")).isInstanceOf(ChildNotFoundException.class);
    }

    @Test
    void a44ARestartThatFailsLeavesTheChildStoppedAndSaysWhy() {
        AtomicBoolean fails = new AtomicBoolean();
        cluster.type("moody", label -> cluster.reluctant(label, fails::get));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("c", "moody"));
        a.supervisor.terminateChild("c");
        fails.set(true);
        assertThatThrownBy(() -> b.supervisor.restartChild("c"))
                .isInstanceOf(ChildStartException.class)
                .hasMessageContaining("not today");
        assertThat(b.supervisor.whichChildren()).singleElement().satisfies(child -> {
            assertThat(child.phase()).isEqualTo(Phase.STOPPED);
            assertThat(child.lastExit()).isNotNull();
            assertThat(child.lastExit().kind()).isEqualTo(LastExit.Kind.START_FAILED);
        });
        b.supervisor.deleteChild("c");
    }

    @Test
    void a46ATemporaryChildThatEndedIsUnknown() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("t", "completing").withRestart(RestartType.TEMPORARY));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(b.supervisor.whichChildren()).isEmpty());
        assertThatThrownBy(() -> b.supervisor.restartChild("t")).isInstanceOf(ChildNotFoundException.class);
        assertThatThrownBy(() -> b.supervisor.deleteChild("t")).isInstanceOf(ChildNotFoundException.class);
        assertThat(b.supervisor.childSpec("t")).isEmpty();
        assertThat(b.supervisor.startChild(worker("t"))).isInstanceOf(Started.class);
    }

    @Test
    void a24a28a30ADelayedRestartIsVisibleAndEndsWithATermination() {
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

    // ---- other obstacles

    @Test
    void aTerminationThatTakesLongerThanACallStandsUntilItIsCarriedOut() {
        cluster.callTimeout(Duration.ofSeconds(1));
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("g", "gated").withShutdown(new Shutdown.Infinity()));
        assertThatThrownBy(() -> a.supervisor.terminateChild("g")).isInstanceOf(OwnerTimeoutException.class);
        assertThat(onlyPhase(a)).isEqualTo(Phase.STOPPING);
        cluster.open("g");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(onlyPhase(a)).isEqualTo(Phase.STOPPED));
    }

    @Test
    void b17ADatabaseThatDoesNotAnswerIsNotAChildThatIsNotThere() {
        FaultyStoreTests.Silence silence = new FaultyStoreTests.Silence();
        cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, silence);
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        silence.on = true;
        for (var call : List.<Runnable>of(
                () -> a.supervisor.startChild(worker("d")),
                () -> a.supervisor.ensureChild(worker("d")),
                () -> a.supervisor.restartChild("c"),
                () -> a.supervisor.terminateChild("c"),
                () -> a.supervisor.deleteChild("c"),
                () -> a.supervisor.removeChild("absent"),
                () -> a.supervisor.moveChild("c", PeerId.random()),
                () -> a.supervisor.whichChildren(),
                () -> a.supervisor.childSpec("absent"))) {
            assertThatThrownBy(call::run).isInstanceOf(StoreUnavailableException.class);
        }
        silence.on = false;
        assertThat(onlyPhase(a)).isEqualTo(Phase.RUNNING);
        assertThat(cluster.runners("c")).containsExactly("a");
    }

    @Test
    void b18ACallOnADeadOwnersChildIsCarriedOutByWhoeverAdoptsIt() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        for (String id : List.of("terminated", "removed", "replaced", "deleted")) {
            a.supervisor.startChild(worker(id));
        }
        ChildSpec other = worker("replaced").withArguments(Map.of("x", 1));
        a.kill();
        List<Background<Object>> calls = List.of(
                call(() -> b.supervisor.terminateChild("terminated")),
                call(() -> b.supervisor.removeChild("removed")),
                call(() -> assertThat(b.supervisor.ensureChild(other)).isInstanceOf(Started.class)));
        assertThatThrownBy(() -> b.supervisor.deleteChild("deleted")).isInstanceOf(ChildRunningException.class);
        calls.forEach(Background::result);
        b.onEvent(
                SupervisorEvent.PeerDeclaredDead.class,
                e -> assertThat(e.peer()).isEqualTo(a.supervisor.self()));
        cluster.awaitRunning("deleted", "b");
        cluster.awaitRunning("replaced", "b");
        assertThat(cluster.runners("terminated")).containsExactly("a");
        assertThat(cluster.runners("removed")).containsExactly("a");
        assertThat(b.supervisor.childSpec("replaced")).contains(other);
    }

    private static Background<Object> call(Runnable call) {
        return Background.call(Executors.callable(call));
    }

    @Test
    void b28TheSameIdInTwoGroupsIsTwoChildrenAndTheirGroupsDieApart() {
        cluster.alsoIn("billing").settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        assertThat(b.supervisor("billing").startChild(worker("c"))).isInstanceOf(Started.class);
        cluster.awaitRunning("c", "a");
        cluster.awaitRunning("billing/c", "b");
        a.supervisor.terminateChild("c");
        assertThat(cluster.running("billing/c")).containsExactly("b");
        a.supervisor("billing").startChild(ChildSpec.of("poison", "crashing"));
        b.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.group()).isEqualTo("billing"));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running("billing/c")).isEmpty());
        assertThat(b.supervisor.restartChild("c")).isInstanceOf(Started.class);
        cluster.awaitRunning("c", "a");
        for (TestPeer peer : List.of(a, b)) {
            assertThat(peer.events(SupervisorEvent.GroupTerminated.class))
                    .extracting(SupervisorEvent.GroupTerminated::group)
                    .containsOnly("billing");
        }
    }
}
