package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildRunningException;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.OwnerTimeoutException;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.StartResult.AlreadyStarted;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Children that call their own supervisor (semantics rows A18 and B27): every call ends soon, wherever in the child's
 * life it is made.
 */
class ReentrancyTests {

    /** Much longer than any call of these tests may take. */
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

    private static final Duration SOON = Duration.ofSeconds(5);

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase()).callTimeout(CALL_TIMEOUT);
    private final CompletableFuture<Object> outcome = new CompletableFuture<>();

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    /** Where in its life the child calls. */
    enum Place {
        INIT,
        RUN,
        /** After a stop whose interrupt has ended the child's sleep. */
        STOP
    }

    /** A child that calls once, at the given place, and keeps the outcome. */
    private final class Caller implements ChildProcess {
        private final String label;
        private final Place place;
        private final Call call;

        private Caller(String label, Place place, Call call) {
            this.label = label;
            this.place = place;
            this.call = call;
        }

        @Override
        public void init(ChildContext context) {
            callAt(Place.INIT, context);
        }

        @Override
        public void run(ChildContext context) throws Exception {
            cluster.note(label, context, "BEGIN");
            try {
                callAt(Place.RUN, context);
                while (!context.isStopping()) {
                    context.sleep(Duration.ofMillis(5));
                }
                callAt(Place.STOP, context);
            } finally {
                cluster.note(label, context, "END");
            }
        }

        private void callAt(Place here, ChildContext context) {
            if (here == place && !outcome.isDone()) {
                try {
                    outcome.complete(call.on(context.supervisor()));
                } catch (RuntimeException e) {
                    outcome.complete(e);
                }
            }
        }
    }

    interface Call {
        Object on(MirroredSupervisor supervisor);
    }

    /** A call and its expected outcome. */
    record Case(String name, Call call, Consumer<Object> expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Consumer<Object> a(Class<?> type) {
        return result -> assertThat(result).isInstanceOf(type);
    }

    private static Call calling(Consumer<MirroredSupervisor> call) {
        return supervisor -> {
            call.accept(supervisor);
            return "done";
        };
    }

    static Stream<Arguments> harmlessCalls() {
        List<Case> cases = List.of(
                new Case("start another", s -> s.startChild(worker("another")), a(Started.class)),
                new Case("ensure another", s -> s.ensureChild(worker("another")), a(Started.class)),
                new Case("which children", MirroredSupervisor::whichChildren, a(List.class)),
                new Case(
                        "count",
                        MirroredSupervisor::countChildren,
                        result -> assertThat(result).isNotNull()),
                new Case("terminate a sibling", calling(s -> s.terminateChild("sibling")), a(String.class)),
                new Case("remove a sibling", calling(s -> s.removeChild("sibling")), a(String.class)),
                new Case("restart itself", s -> s.restartChild("c"), a(ChildRunningException.class)),
                new Case("delete itself", calling(s -> s.deleteChild("c")), a(ChildRunningException.class)));
        return Stream.of(Place.values()).flatMap(place -> cases.stream().map(one -> Arguments.of(place, one)));
    }

    @ParameterizedTest
    @MethodSource("harmlessCalls")
    void a18b27AChildMayCallItsOwnSupervisor(Place place, Case one) throws Exception {
        TestPeer a = peer(place, one.call());
        assertThat(a.supervisor.startChild(spec())).isInstanceOf(Started.class);
        stopIfCalledThere(place);
        one.expected().accept(outcome());
        assertThat(a.supervisor.whichChildren()).extracting(ChildInfo::id).contains("c");
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void b27AChildThatTerminatesItselfDoesNotWaitForItsOwnEnd(Place place) throws Exception {
        TestPeer a = peer(place, calling(s -> s.terminateChild("c")));
        startThatMayBeOverSoon(a, place);
        stopIfCalledThere(place);
        assertThat(outcome()).isInstanceOf(OwnerTimeoutException.class);
        awaitStopped(a);
        cluster.awaitRenewals(a, 11);
        assertThat(cluster.running("c")).isEmpty();
        awaitStopped(a);
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void b27AChildThatRemovesItselfIsForgottenWhenItHasEnded(Place place) throws Exception {
        TestPeer a = peer(place, calling(s -> s.removeChild("c")));
        startThatMayBeOverSoon(a, place);
        stopIfCalledThere(place);
        assertThat(outcome()).isInstanceOf(OwnerTimeoutException.class);
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(a.supervisor.childSpec("c")).isEmpty());
        assertThat(cluster.running("c")).isEmpty();
    }

    @Test
    void b27AChildThatReplacesItselfComesBackAsAsked() throws Exception {
        ChildSpec other = spec().withArguments(Map.of("x", 1));
        TestPeer a = peer(Place.RUN, s -> s.ensureChild(other));
        a.supervisor.startChild(spec());
        assertThat(outcome()).isInstanceOf(OwnerTimeoutException.class);
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("c")).hasSize(2));
        assertThat(a.supervisor.childSpec("c")).contains(other);
    }

    @Test
    void b27AChildMovesItself() throws Exception {
        CompletableFuture<PeerId> target = new CompletableFuture<>();
        TestPeer a = peer(Place.RUN, calling(s -> s.moveChild("c", target.join())));
        target.complete(cluster.start("b").supervisor.self());
        a.supervisor.startChild(spec());
        assertThat(outcome()).isInstanceOf(OwnerTimeoutException.class);
        cluster.awaitRunning("c", "b");
    }

    @Test
    void b27AChildThatStartsItselfIsToldThatItRuns() throws Exception {
        peer(Place.RUN, s -> s.startChild(spec())).supervisor.startChild(spec());
        assertThat(outcome()).isInstanceOf(AlreadyStarted.class);
    }

    @Test
    void b27AnInitDoesNotWaitForItself() throws Exception {
        TestPeer a = peer(Place.INIT, s -> s.startChild(spec()));
        assertThat(a.supervisor.startChild(spec())).isInstanceOf(Started.class);
        assertThat(outcome()).isInstanceOf(OwnerTimeoutException.class);
    }

    @Test
    void b27ChildrenThatTerminateEachOtherBothEnd() {
        cluster.type("rival", label -> context -> {
            String other = context.childId().equals("one") ? "other" : "one";
            cluster.note(label, context, "BEGIN");
            try {
                while (context.supervisor().childSpec(other).isEmpty()) {
                    context.sleep(Duration.ofMillis(5));
                }
                context.supervisor().terminateChild(other);
            } finally {
                cluster.note(label, context, "END");
            }
        });
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("one", "rival").withRestart(RestartType.TRANSIENT));
        a.supervisor.startChild(ChildSpec.of("other", "rival").withRestart(RestartType.TRANSIENT));
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(a.supervisor.countChildren().active()).isZero());
    }

    /** Without a shutdown time-out, so that this cannot be what ends the call. */
    private static ChildSpec spec() {
        return ChildSpec.of("c", "caller").withShutdown(new Shutdown.Infinity());
    }

    private TestPeer peer(Place place, Call call) {
        cluster.type("caller", label -> new Caller(label, place, call));
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("sibling"));
        return a;
    }

    private static void startThatMayBeOverSoon(TestPeer peer, Place place) {
        if (place == Place.INIT) {
            assertThatThrownBy(() -> peer.supervisor.startChild(spec()))
                    .isInstanceOf(ChildStartException.class)
                    .hasMessageContaining("meanwhile");
        } else {
            assertThat(peer.supervisor.startChild(spec())).isInstanceOf(Started.class);
        }
    }

    private void stopIfCalledThere(Place place) {
        if (place == Place.STOP) {
            cluster.start("b").supervisor.terminateChild("c");
        }
    }

    private Object outcome() throws Exception {
        return outcome.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private static void awaitStopped(TestPeer peer) {
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(peer.supervisor.whichChildren())
                        .filteredOn(child -> child.id().equals("c"))
                        .extracting(ChildInfo::phase)
                        .containsExactly(Phase.STOPPED));
    }
}
