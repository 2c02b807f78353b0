package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildNotFoundException;
import io.github.mirroredsupervisor.ChildRestartingException;
import io.github.mirroredsupervisor.ChildRunningException;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.GroupTerminatedException;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import io.github.mirroredsupervisor.InvalidChildSpecException.Reason;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.NoCapablePeerException;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StartResult.AlreadyPresent;
import io.github.mirroredsupervisor.StartResult.AlreadyStarted;
import io.github.mirroredsupervisor.StartResult.Ignored;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Every call against a child in every phase: each ends by itself, long before the call's time-out, with the documented
 * result or exception. This checks the semantics rows A45 and B21 for every phase.
 */
class CallTableTests {

    /** No call here may take that long: a test that waits for it fails. */
    private static final Duration CALL_TIMEOUT = Duration.ofMinutes(5);

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase()).callTimeout(CALL_TIMEOUT);

    private final Map<String, Function<String, Object>> calls = new LinkedHashMap<>();

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    private void callAt(MirroredSupervisor supervisor) {
        calls.put("start", id -> supervisor.startChild(specOf(supervisor, id)));
        calls.put("start other", id -> supervisor.startChild(worker(id).withArguments(Map.of("other", 1))));
        calls.put("ensure", id -> supervisor.ensureChild(specOf(supervisor, id)));
        calls.put("ensure other", id -> supervisor.ensureChild(worker(id).withArguments(Map.of("other", 1))));
        calls.put("restart", supervisor::restartChild);
        calls.put("terminate", id -> {
            supervisor.terminateChild(id);
            return phase(supervisor, id);
        });
        calls.put("delete", id -> {
            supervisor.deleteChild(id);
            return phase(supervisor, id);
        });
        calls.put("remove", id -> {
            supervisor.removeChild(id);
            return phase(supervisor, id);
        });
        calls.put("move", id -> {
            supervisor.moveChild(id, supervisor.self());
            return info(supervisor, id).owner().label();
        });
    }

    private static ChildSpec specOf(MirroredSupervisor supervisor, String id) {
        return supervisor.childSpec(id).orElse(worker(id));
    }

    private static ChildInfo info(MirroredSupervisor supervisor, String id) {
        return supervisor.whichChildren().stream()
                .filter(child -> child.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static Object phase(MirroredSupervisor supervisor, String id) {
        return supervisor.whichChildren().stream()
                .filter(child -> child.id().equals(id))
                .findFirst()
                .map(child -> (Object) child.phase())
                .orElse("gone");
    }

    /** The outcome of a call: its result's type, what it returned, or the type of what it threw. */
    private Object outcome(String call, String id) {
        Background<Object> background = Background.call(() -> calls.get(call).apply(id));
        try {
            Object result = background.result();
            return result instanceof StartResult ? result.getClass() : result;
        } catch (io.github.mirroredsupervisor.MirroredSupervisorException e) {
            return e.getClass();
        }
    }

    /** Brings one child for each call into the phase, then makes the calls. */
    private void table(Function<String, Object> bringIntoPhase, Map<String, Object> expected) {
        expected.keySet().forEach(call -> bringIntoPhase.apply(call));
        expected.forEach(
                (call, outcome) -> assertThat(outcome(call, call)).as(call).isEqualTo(outcome));
    }

    private static Map<String, Object> expect(
            Object start,
            Object startOther,
            Object ensure,
            Object ensureOther,
            Object restart,
            Object terminate,
            Object delete,
            Object remove,
            Object move) {
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("start", start);
        expected.put("start other", startOther);
        expected.put("ensure", ensure);
        expected.put("ensure other", ensureOther);
        expected.put("restart", restart);
        expected.put("terminate", terminate);
        expected.put("delete", delete);
        expected.put("remove", remove);
        expected.put("move", move);
        return expected;
    }

    private static void awaitPhase(TestPeer peer, String id, Phase phase) {
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(phase(peer.supervisor, id)).isEqualTo(phase));
    }

    @Test
    void anUnknownChild() {
        callAt(cluster.start("a").supervisor);
        table(
                id -> id,
                expect(
                        Started.class,
                        Started.class,
                        Started.class,
                        Started.class,
                        ChildNotFoundException.class,
                        ChildNotFoundException.class,
                        ChildNotFoundException.class,
                        "gone",
                        ChildNotFoundException.class));
    }

    @Test
    void a45b21ARunningChildOfAnotherPeer() {
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b").supervisor);
        table(
                id -> a.supervisor.startChild(worker(id)),
                expect(
                        AlreadyStarted.class,
                        AlreadyStarted.class,
                        AlreadyStarted.class,
                        Started.class,
                        ChildRunningException.class,
                        Phase.STOPPED,
                        ChildRunningException.class,
                        "gone",
                        "b"));
    }

    @Test
    void aStoppedChildOfAnotherPeer() {
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b").supervisor);
        table(
                id -> {
                    a.supervisor.startChild(worker(id));
                    a.supervisor.terminateChild(id);
                    return id;
                },
                expect(
                        AlreadyPresent.class,
                        AlreadyPresent.class,
                        Started.class,
                        Started.class,
                        Started.class,
                        Phase.STOPPED,
                        "gone",
                        "gone",
                        "b"));
        assertThat(phase(a.supervisor, "move")).isEqualTo(Phase.STOPPED);
        assertThat(cluster.running("move")).isEmpty();
    }

    /** Its owner has left, so no peer owns it. */
    @Test
    void aStoppedChildWithoutAnOwner() {
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b").supervisor);
        calls.keySet().forEach(id -> {
            a.supervisor.startChild(worker(id));
            a.supervisor.terminateChild(id);
        });
        assertThat(a.peer.stop()).succeedsWithin(TestCluster.PATIENCE);
        table(
                id -> id,
                expect(
                        AlreadyPresent.class,
                        AlreadyPresent.class,
                        Started.class,
                        Started.class,
                        Started.class,
                        Phase.STOPPED,
                        "gone",
                        "gone",
                        "b"));
    }

    @Test
    void aCompletedChild() {
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b").supervisor);
        table(
                id -> {
                    a.supervisor.startChild(ChildSpec.of(id, "completing").withRestart(RestartType.TRANSIENT));
                    awaitPhase(a, id, Phase.COMPLETED);
                    return id;
                },
                expect(
                        AlreadyPresent.class,
                        AlreadyPresent.class,
                        Started.class,
                        Started.class,
                        Started.class,
                        Phase.STOPPED,
                        "gone",
                        "gone",
                        "b"));
        assertThat(phase(a.supervisor, "move")).isEqualTo(Phase.COMPLETED);
        assertThat(cluster.runners("move")).containsExactly("a");
    }

    @Test
    void aChildThatDeclined() {
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b").supervisor);
        table(
                id -> a.supervisor.startChild(ChildSpec.of(id, "ignoring")),
                expect(
                        AlreadyPresent.class,
                        AlreadyPresent.class,
                        Ignored.class,
                        Started.class,
                        Ignored.class,
                        Phase.STOPPED,
                        "gone",
                        "gone",
                        "b"));
    }

    @Test
    void aChildThatWaitsForItsRestart() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, CALL_TIMEOUT);
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b").supervisor);
        table(
                id -> {
                    a.supervisor.startChild(ChildSpec.of(id, "crashing"));
                    awaitPhase(a, id, Phase.RESTARTING);
                    return id;
                },
                expect(
                        AlreadyPresent.class,
                        AlreadyPresent.class,
                        AlreadyPresent.class,
                        Started.class,
                        ChildRestartingException.class,
                        Phase.STOPPED,
                        ChildRestartingException.class,
                        "gone",
                        "b"));
    }

    /**
     * Each child is stopped by the call and ignores it. A termination ends when its time is over, the other calls when
     * the run is given up.
     */
    @Test
    void aChildThatIgnoresItsStop() {
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b").supervisor);
        table(
                id -> a.supervisor.startChild(ChildSpec.of(id, "gated").withShutdown(new Shutdown.Brutal())),
                expect(
                        AlreadyStarted.class,
                        AlreadyStarted.class,
                        AlreadyStarted.class,
                        Started.class,
                        ChildRunningException.class,
                        Phase.STUCK,
                        ChildRunningException.class,
                        "gone",
                        "b"));
        calls.keySet().forEach(cluster::open);
    }

    /**
     * The lease is longer than the tests wait, so no run is given up: only a call that depends on this waits for it.
     */
    @Test
    void aStuckChildThatIsNotGivenUpYet() {
        cluster.lease(CALL_TIMEOUT).renewEvery(Duration.ofMillis(200));
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b").supervisor);
        Map<String, Object> expected = expect(
                AlreadyPresent.class,
                AlreadyPresent.class,
                null,
                null,
                ChildRunningException.class,
                Phase.STUCK,
                ChildRunningException.class,
                null,
                null);
        expected.values().removeIf(outcome -> outcome == null);
        table(
                id -> {
                    a.supervisor.startChild(ChildSpec.of(id, "gated").withShutdown(new Shutdown.Brutal()));
                    a.supervisor.terminateChild(id);
                    return id;
                },
                expected);
        calls.keySet().forEach(cluster::open);
    }

    /** No live peer can run it. */
    @Test
    void aChildThatNobodyCanRun() {
        cluster.type("rare", cluster::idle);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b", "worker");
        callAt(b.supervisor);
        Map<String, Object> expected = expect(
                InvalidChildSpecException.class, // of a type that no peer knows
                Started.class, // of one that b knows: an orphan is taken over
                InvalidChildSpecException.class,
                Started.class,
                NoCapablePeerException.class,
                Phase.STOPPED,
                "gone",
                "gone",
                NoCapablePeerException.class);
        expected.keySet().forEach(id -> a.supervisor.startChild(ChildSpec.of(id, "rare")));
        assertThat(a.peer.stop()).succeedsWithin(TestCluster.PATIENCE);
        expected.keySet().forEach(id -> awaitPhase(b, id, Phase.UNPLACEABLE));
        table(id -> id, expected);
    }

    /** It was stopped before the last peer that could run it left. */
    @Test
    void aStoppedChildThatNobodyCanRun() {
        cluster.type("rare", cluster::idle);
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b", "worker").supervisor);
        List<String> ids = List.of("restart", "terminate", "delete", "remove", "move", "ensure other");
        ids.forEach(id -> {
            a.supervisor.startChild(ChildSpec.of(id, "rare"));
            a.supervisor.terminateChild(id);
        });
        assertThat(a.peer.stop()).succeedsWithin(TestCluster.PATIENCE);
        assertThat(outcome("restart", "restart")).isEqualTo(NoCapablePeerException.class);
        assertThat(outcome("terminate", "terminate")).isEqualTo(Phase.STOPPED);
        assertThat(outcome("delete", "delete")).isEqualTo("gone");
        assertThat(outcome("remove", "remove")).isEqualTo("gone");
        assertThat(outcome("move", "move")).isEqualTo(NoCapablePeerException.class);
        assertThat(outcome("ensure other", "ensure other")).isEqualTo(Started.class);
    }

    /** All members are cordoned, and no peer owns it. */
    @Test
    void aChildThatNobodyTakes() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        callAt(b.supervisor);
        calls.keySet().forEach(id -> a.supervisor.startChild(worker(id)));
        b.supervisor.cordon(b.supervisor.self());
        assertThat(a.peer.stop()).succeedsWithin(TestCluster.PATIENCE);
        table(
                id -> id,
                expect(
                        AlreadyPresent.class,
                        AlreadyPresent.class,
                        NoCapablePeerException.class,
                        NoCapablePeerException.class,
                        NoCapablePeerException.class,
                        Phase.STOPPED,
                        "gone",
                        "gone",
                        NoCapablePeerException.class));
        assertThatThrownBy(() -> b.supervisor.startChild(worker("new"))).isInstanceOf(NoCapablePeerException.class);
        assertThat(phase(b.supervisor, "new")).isEqualTo("gone");
    }

    @Test
    void aQuarantinedChild() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO)
                .policies(new GroupPolicies(
                        GroupPolicies.AutoShutdown.NEVER,
                        io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded.QUARANTINE_CHILD,
                        GroupPolicies.OnEmptyGroup.RECLAIM,
                        GroupPolicies.OnStartFailure.RETRY,
                        null));
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b").supervisor);
        table(
                id -> {
                    a.supervisor.startChild(ChildSpec.of(id, "crashing"));
                    awaitPhase(a, id, Phase.QUARANTINED);
                    return id;
                },
                expect(
                        AlreadyPresent.class,
                        AlreadyPresent.class,
                        AlreadyPresent.class,
                        Started.class,
                        Started.class,
                        Phase.STOPPED,
                        "gone",
                        "gone",
                        "b"));
    }

    @Test
    void aChildWhoseInitHasNotReturned() {
        TestPeer a = cluster.start("a");
        callAt(cluster.start("b").supervisor);
        List<String> ids = List.of("restart", "terminate", "delete", "remove", "ensure other", "move");
        ids.forEach(id -> {
            Background.call(() -> a.supervisor.startChild(ChildSpec.of(id, "slow-init")));
            awaitPhase(a, id, Phase.STARTING);
        });
        assertThat(outcome("restart", "restart")).isEqualTo(ChildRunningException.class);
        assertThat(outcome("terminate", "terminate")).isEqualTo(Phase.STOPPED);
        assertThat(outcome("delete", "delete")).isEqualTo(ChildRunningException.class);
        assertThat(outcome("remove", "remove")).isEqualTo("gone");
        assertThat(outcome("ensure other", "ensure other")).isEqualTo(Started.class);
        ids.forEach(cluster::open);
        assertThat(outcome("move", "move")).isEqualTo("b");
    }

    @Test
    void aChildOfATerminatedGroupWithAndWithoutAnOwner() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        TestPeer c = cluster.start("c");
        callAt(c.supervisor);
        calls.keySet().forEach(id -> a.supervisor.startChild(worker(id)));
        b.supervisor.startChild(ChildSpec.of("poison", "crashing"));
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThatThrownBy(() -> c.supervisor.startChild(worker("x"))).isInstanceOf(GroupTerminatedException.class);
            assertThat(c.supervisor.whichChildren())
                    .filteredOn(child -> !child.id().equals("poison"))
                    .allSatisfy(child -> assertThat(child.phase()).isEqualTo(Phase.STOPPED));
        });
        assertThat(outcome("terminate", "terminate")).isEqualTo(Phase.STOPPED);
        assertThat(outcome("delete", "delete")).isEqualTo("gone");
        assertThat(outcome("remove", "remove")).isEqualTo("gone");
        a.kill();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(c.supervisor.peers())
                        .filteredOn(peer -> peer.label().equals("a"))
                        .allSatisfy(peer -> assertThat(peer.state().name()).isEqualTo("DEAD")));
        for (String call : List.of("start", "ensure", "ensure other", "restart", "move")) {
            assertThat(outcome(call, call)).as(call).isEqualTo(GroupTerminatedException.class);
        }
        assertThat(outcome("terminate", "start")).isEqualTo(Phase.STOPPED);
        assertThat(outcome("delete", "ensure")).isEqualTo("gone");
        assertThat(outcome("remove", "restart")).isEqualTo("gone");
    }

    // ---- a peer that does not know the type

    @Test
    void aPeerThatDoesNotKnowATypeStartsAChildOfItOnOneThatDoes() {
        cluster.type("rare", cluster::idle);
        TestPeer web = cluster.start("web", "worker");
        cluster.start("other web", "worker");
        TestPeer a = cluster.start("a");
        cluster.start("b");
        StartResult result = web.supervisor.startChild(ChildSpec.of("c", "rare"));
        assertThat(result)
                .isInstanceOfSatisfying(
                        Started.class,
                        started -> assertThat(started.child().owner().label()).isEqualTo("a"));
        cluster.awaitRunning("c", "a");
        Started ensured = (Started) web.supervisor.ensureChild(ChildSpec.of("d", "rare"));
        assertThat(web.supervisor.ensureChild(ChildSpec.of("d", "rare")))
                .isEqualTo(new AlreadyStarted(ensured.child()));
        assertThat(web.supervisor.ensureChild(ChildSpec.of("d", "rare").withArguments(Map.of("x", 1))))
                .isInstanceOf(Started.class);
        web.supervisor.startChild(worker("w"));
        cluster.awaitRunning("w", "web");
        assertThat(web.supervisor.ensureChild(ChildSpec.of("w", "rare"))).isInstanceOf(Started.class);
        cluster.awaitRunning("w", "a");
        assertThat(web.supervisor.startChild(ChildSpec.of("t", "rare").withRestart(RestartType.TEMPORARY)))
                .isInstanceOf(Started.class);
        cluster.awaitRunning("t", "a");
        a.supervisor.cordon(a.supervisor.self());
        web.supervisor.startChild(ChildSpec.of("e", "rare"));
        cluster.awaitRunning("e", "b");
        cluster.assertNoOverlaps();
    }

    @Test
    void aStartElsewhereThatFailsIsToldWithItsReasonAndLeavesNothing() {
        TestPeer web = cluster.start("web", "worker");
        cluster.start("a");
        for (String call : List.of("start", "ensure")) {
            ChildSpec bad = ChildSpec.of("c", "bad-init");
            assertThatThrownBy(() -> call(call, web.supervisor, bad))
                    .isInstanceOf(ChildStartException.class)
                    .hasMessageContaining("no such feed");
            assertThat(web.supervisor.whichChildren()).isEmpty();
        }
        assertThat(web.supervisor.startChild(ChildSpec.of("i", "ignoring"))).isEqualTo(new Ignored("i"));
    }

    private static @Nullable StartResult call(String call, MirroredSupervisor supervisor, ChildSpec spec) {
        return call.equals("start") ? supervisor.startChild(spec) : supervisor.ensureChild(spec);
    }

    @Test
    void aTypeThatNoLivePeerKnowsIsRefusedTogetherWithWhateverElseIsWrong() {
        TestPeer web = cluster.start("web", "worker");
        cluster.start("a", "gated");
        assertThatThrownBy(() -> web.supervisor.startChild(
                        ChildSpec.of("c", "rare").withShutdown(null).withSignificant(true)))
                .isInstanceOfSatisfying(InvalidChildSpecException.class, e -> {
                    assertThat(e.violations())
                            .extracting(InvalidChildSpecException.Violation::reason)
                            .containsExactlyInAnyOrder(
                                    Reason.BAD_COMBINATION,
                                    Reason.INVALID_SHUTDOWN,
                                    Reason.UNKNOWN_TYPE,
                                    Reason.BAD_COMBINATION);
                    assertThat(e).hasMessageContaining("[gated, worker]");
                });
        assertThatThrownBy(() ->
                        web.supervisor.startChild(ChildSpec.of("c", "rare").withArguments(Map.of("v", Double.NaN))))
                .isInstanceOfSatisfying(
                        InvalidChildSpecException.class,
                        e -> assertThat(e.violations())
                                .extracting(InvalidChildSpecException.Violation::reason)
                                .containsExactly(Reason.UNKNOWN_TYPE, Reason.INVALID_ARGUMENTS));
        assertThat(web.supervisor.whichChildren()).isEmpty();
    }
}
