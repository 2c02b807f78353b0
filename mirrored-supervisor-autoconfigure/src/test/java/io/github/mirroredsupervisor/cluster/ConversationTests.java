package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the peers ask the store from a call to its answer, and that the answer is what the row says. */
class ConversationTests {

    /** Renewals and polls come between the calls, if at all. */
    private static final Duration LEASE = Duration.ofMinutes(10);

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase())
            .lease(LEASE)
            .renewEvery(LEASE.dividedBy(5))
            .callTimeout(Duration.ofMinutes(1));

    private int children;

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    @Test
    void aStartHereIsAnsweredByItsReport() {
        Queue<String> asked = recorded();
        TestPeer a = cluster.start("a");
        assertThat(fewest(asked, id -> {}, id -> a.supervisor.startChild(worker(id))))
                .containsExactly("insert", "report");
    }

    @Test
    void aTerminationHereIsAnsweredByItsReport() {
        Queue<String> asked = recorded();
        TestPeer a = cluster.start("a");
        assertThat(fewest(asked, id -> a.supervisor.startChild(worker(id)), a.supervisor::terminateChild))
                .containsExactly("rows", "command", "rows", "report");
    }

    @Test
    void aRestartHereIsAnsweredByItsReport() {
        Queue<String> asked = recorded();
        TestPeer a = cluster.start("a");
        Consumer<String> stopped = id -> {
            a.supervisor.startChild(worker(id));
            a.supervisor.terminateChild(id);
        };
        assertThat(fewest(asked, stopped, a.supervisor::restartChild))
                .containsExactly("rows", "members", "command", "grant", "report");
    }

    @Test
    void aTerminationOnAnotherPeerIsReadByItsCallerOnce() {
        Queue<String> ofTheOwner = recorded();
        TestPeer a = cluster.start("a");
        Queue<String> ofTheCaller = recorded();
        TestPeer b = cluster.start("b");
        Consumer<String> started = id -> {
            a.supervisor.startChild(worker(id));
            a.supervisor.startChild(worker("before " + id));
            b.supervisor.terminateChild("before " + id); // its answer comes after the hint of the start's
        };
        assertThat(fewest(ofTheCaller, started, b.supervisor::terminateChild))
                .containsExactly("rows", "command", "rows");
        assertThat(fewest(ofTheOwner, started, b.supervisor::terminateChild)).containsExactly("rows", "rows", "report");
    }

    /** A report that was carried out, and whose answer was lost. */
    @Test
    void aReportOfUnknownOutcomeAnswersNoCall() {
        Queue<String> asked = new ConcurrentLinkedQueue<>();
        AtomicBoolean loses = new AtomicBoolean();
        try (WorkSession other = new PostgresStore(TestStores.settings(cluster.database())).openWork()) {
            cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, (method, arguments) -> {
                asked.add(method);
                if (method.equals("report") && loses.getAndSet(false)) {
                    other.report(TestCluster.GROUP, (PeerId) arguments[1], reports(arguments), Set.of());
                    throw new StoreUnavailableException("the answer was lost", null);
                }
                return null;
            });
            TestPeer a = cluster.start("a");
            loses.set(true);
            StartResult result = a.supervisor.startChild(worker("c"));
            assertThat(asked).containsSubsequence("insert", "report", "rows");
            assertThat(result).isInstanceOf(Started.class);
        }
    }

    @SuppressWarnings("unchecked")
    private static Collection<PhaseReport> reports(Object[] arguments) {
        return (Collection<PhaseReport>) arguments[2];
    }

    /** It fails, or another session keeps the row locked. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReportThatIsNotWrittenAnswersNoCall(boolean locked) {
        cluster.lease(Duration.ofMillis(600)).renewEvery(Duration.ofMillis(120));
        AtomicBoolean fails = new AtomicBoolean(true);
        Queue<String> asked = new ConcurrentLinkedQueue<>();
        cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, (method, arguments) -> {
            asked.add(method);
            if (!method.equals("report") || !fails.get()) {
                return null;
            }
            if (locked) {
                return new WorkSession.Reported(Set.of("c"), List.of());
            }
            throw new StoreUnavailableException("it was not sent", null);
        });
        TestPeer a = cluster.start("a");
        Background<StartResult> call = Background.call(() -> a.supervisor.startChild(worker("c")));
        await().atMost(TestCluster.PATIENCE).until(() -> Collections.frequency(asked, "report") >= 3);
        assertThat(asked).containsSubsequence("report", "rows");
        assertThat(call.thread().isAlive()).isTrue();
        assertThat(a.supervisor.whichChildren())
                .singleElement()
                .satisfies(child -> assertThat(child.phase()).isEqualTo(Phase.STARTING));
        fails.set(false);
        assertThat(call.result()).isInstanceOf(Started.class);
    }

    /** What peers that are started from now on ask for their work. */
    private Queue<String> recorded() {
        Queue<String> asked = new ConcurrentLinkedQueue<>();
        cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, (method, arguments) -> {
            asked.add(method);
            return null;
        });
        return asked;
    }

    /**
     * What was asked during the call, without what the peer asked besides: it compares all rows after its join, for
     * instance. That only adds to it, so of several calls the one counts that took the fewest questions.
     */
    private List<String> fewest(Queue<String> asked, Consumer<String> before, Consumer<String> call) {
        return Collections.min(
                IntStream.range(0, 10)
                        .mapToObj(i -> {
                            String id = "c" + ++children;
                            before.accept(id);
                            asked.clear();
                            call.accept(id);
                            return List.copyOf(asked);
                        })
                        .toList(),
                Comparator.comparingInt(List::size));
    }
}
