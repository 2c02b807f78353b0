package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.MirroredSupervisorException;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.Proxy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No call waits for the start of another child, and none waits for ever (semantics rows A18, B24). */
class LivenessTests {

    private final Database database = TestPostgres.migratedDatabase();
    private final CountDownLatch release = new CountDownLatch(1);
    private TestCluster cluster = new TestCluster(database);

    @AfterEach
    void closeCluster() {
        release.countDown();
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @Test
    void a18b24ASlowStartHoldsUpNoCallFromAnyMember() {
        cluster.type("slow", this::slow);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("other"));
        Background<StartResult> slow = Background.call(() -> a.supervisor.startChild(ChildSpec.of("s", "slow")));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.journal("s")).hasSize(1));
        for (TestPeer peer : List.of(a, b)) {
            MirroredSupervisor supervisor = peer.supervisor;
            assertThat(supervisor.whichChildren())
                    .extracting(ChildInfo::id, ChildInfo::phase)
                    .containsExactly(tuple("other", Phase.RUNNING), tuple("s", Phase.STARTING));
            assertThat(supervisor.countChildren()).isEqualTo(new ChildCounts(2, 1, 0, 2));
            assertThat(supervisor.startChild(worker("new"))).isInstanceOf(Started.class);
            supervisor.removeChild("new");
            supervisor.terminateChild("other");
            assertThat(supervisor.restartChild("other")).isInstanceOf(Started.class);
        }
        assertThat(slow.thread().isAlive()).isTrue();
        release.countDown();
        assertThat(slow.result()).isInstanceOf(Started.class);
    }

    @Test
    void aStartThatIsStoppedBeforeItHasStartedSaysSo() {
        cluster.type("slow", this::slow);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        Background<StartResult> slow = Background.call(() -> a.supervisor.startChild(ChildSpec.of("s", "slow")));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.journal("s")).hasSize(1));
        b.supervisor.terminateChild("s");
        assertThatThrownBy(slow::result).isInstanceOf(ChildStartException.class).hasMessageContaining("meanwhile");
        assertThat(cluster.runners("s")).isEmpty();
        release.countDown();
        assertThat(b.supervisor.restartChild("s")).isInstanceOf(Started.class);
    }

    @Test
    void callsEndInTimeWhileTheDatabaseHangs() {
        Duration callTimeout = Duration.ofSeconds(2);
        try (Proxy proxy = new Proxy(database)) {
            cluster = new TestCluster(new Database(proxy.jdbcUrl(), database.username(), database.password()))
                    .lease(Duration.ofSeconds(3))
                    .callTimeout(callTimeout);
            TestPeer a = cluster.start("a");
            a.supervisor.startChild(worker("c"));
            proxy.freeze();
            List<Consumer<MirroredSupervisor>> calls = List.of(
                    MirroredSupervisor::whichChildren,
                    MirroredSupervisor::countChildren,
                    s -> s.startChild(worker("d")),
                    s -> s.ensureChild(worker("d")),
                    s -> s.restartChild("c"),
                    s -> s.terminateChild("c"),
                    s -> s.removeChild("c"));
            List<Background<Duration>> callers = new ArrayList<>();
            for (int i = 0; i < 5 * calls.size(); i++) {
                Consumer<MirroredSupervisor> call = calls.get(i % calls.size());
                callers.add(Background.call(() -> {
                    long began = System.nanoTime();
                    assertThatThrownBy(() -> call.accept(a.supervisor)).isInstanceOf(StoreUnavailableException.class);
                    return Duration.ofNanos(System.nanoTime() - began);
                }));
            }
            assertThat(callers)
                    .allSatisfy(caller -> assertThat(caller.result()).isLessThan(callTimeout.multipliedBy(2)));
            proxy.thaw();
            await().atMost(TestCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(cluster.running("c")).hasSize(1));
            cluster.close();
        }
        cluster = new TestCluster(database);
    }

    @Test
    void callsEndWhenTheirPeerStops() {
        cluster.type("slow", this::slow);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        Background<StartResult> starting = Background.call(() -> b.supervisor.startChild(ChildSpec.of("s", "slow")));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.journal("s")).hasSize(1));
        List<Background<Object>> callers = List.of(
                Background.call(() -> a.supervisor.startChild(ChildSpec.of("s", "slow"))),
                Background.call(() -> a.supervisor.ensureChild(ChildSpec.of("s", "slow"))));
        cluster.awaitRenewals(a, 1);
        long began = System.nanoTime();
        a.peer.stop().join();
        assertThat(callers)
                .allSatisfy(
                        caller -> assertThatThrownBy(caller::result).isInstanceOf(MirroredSupervisorException.class));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        release.countDown();
        assertThat(starting.result()).isInstanceOf(Started.class);
    }

    /** The callers share transactions, and each gets its own answer. */
    @Test
    void a16b58ManyCallersStartAtOnceAndEachHasItsAnswer() {
        cluster.type("moody", label -> cluster.reluctant(label, () -> true));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        int rounds = 40;
        List<Background<String>> callers = new ArrayList<>();
        CyclicBarrier together = new CyclicBarrier(4 * rounds);
        for (int i = 0; i < rounds; i++) {
            callers.add(startTogether(a, worker("new-" + i), together));
            callers.add(startTogether(a, worker("twice-" + i / 2), together));
            callers.add(startTogether(b, worker("contested-" + i / 2), together));
            callers.add(startTogether(a, ChildSpec.of("bad-" + i, "moody"), together));
        }
        Map<String, Long> answers = callers.stream()
                .map(Background::result)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        assertThat(answers).isEqualTo(Map.of("Started", 80L, "AlreadyStarted", 40L, "ChildStartException", 40L));
        assertThat(a.supervisor.whichChildren())
                .hasSize(80)
                .allSatisfy(child -> assertThat(child.phase()).isEqualTo(Phase.RUNNING));
    }

    private static Background<String> startTogether(TestPeer peer, ChildSpec spec, CyclicBarrier together) {
        return Background.call(() -> {
            together.await();
            try {
                return peer.supervisor.startChild(spec).getClass().getSimpleName();
            } catch (MirroredSupervisorException e) {
                return e.getClass().getSimpleName();
            }
        });
    }

    private ChildProcess slow(String label) {
        return new ChildProcess() {
            @Override
            public void init(ChildContext context) throws Exception {
                cluster.note(label, context, "INIT");
                release.await();
            }

            @Override
            public void run(ChildContext context) throws Exception {
                cluster.idle(label).run(context);
            }
        };
    }
}
