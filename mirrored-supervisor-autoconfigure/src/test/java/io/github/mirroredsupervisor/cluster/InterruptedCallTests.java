package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.OwnerTimeoutException;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * An interrupt ends a call that waits for the owner, and leaves the thread interrupted; what was asked for is carried
 * out all the same. It does not end a call that only waits for the database.
 */
class InterruptedCallTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase())
            .lease(Duration.ofSeconds(3))
            .callTimeout(Duration.ofMinutes(5));

    /** The inits of the type "patient" wait for it. */
    private volatile CountDownLatch init = new CountDownLatch(0);

    /** A call of the store waits for it. */
    private final CountDownLatch asked = new CountDownLatch(1);

    private final CountDownLatch mayGoOn = new CountDownLatch(1);

    @AfterEach
    void closeCluster() {
        init.countDown();
        mayGoOn.countDown();
        cluster.close();
        cluster.assertNoOverlaps();
    }

    private TestPeer start(String label) {
        cluster.type("patient", name -> {
            ChildProcess idle = cluster.idle(name);
            return new ChildProcess() {
                @Override
                public void init(ChildContext context) throws Exception {
                    init.await();
                    idle.init(context);
                }

                @Override
                public void run(ChildContext context) throws Exception {
                    idle.run(context);
                }
            };
        });
        return cluster.start(label);
    }

    private static ChildSpec patient() {
        return ChildSpec.of("c", "patient");
    }

    private static ChildSpec gated() {
        return ChildSpec.of("c", "gated").withShutdown(new Shutdown.Infinity());
    }

    private static boolean isIn(TestPeer peer, Phase phase) {
        return peer.supervisor.whichChildren().stream()
                .map(ChildInfo::phase)
                .toList()
                .equals(List.of(phase));
    }

    /** Interrupts the call when the child is in that phase, in which it waits for the owner. */
    private static void assertThatAnInterruptEnds(Runnable call, TestPeer peer, Phase phase) {
        AtomicBoolean kept = new AtomicBoolean();
        Background<Boolean> calling = Background.call(() -> {
            try {
                call.run();
                return false;
            } finally {
                kept.set(Thread.interrupted());
            }
        });
        await().atMost(TestCluster.PATIENCE).until(() -> isIn(peer, phase));
        calling.thread().interrupt();
        assertThatThrownBy(calling::result)
                .isInstanceOf(OwnerTimeoutException.class)
                .hasMessageContaining("Interrupted");
        assertThat(kept).isTrue();
    }

    @Test
    void theStartGoesOn() {
        TestPeer a = start("a");
        init = new CountDownLatch(1);
        assertThatAnInterruptEnds(() -> a.supervisor.startChild(patient()), a, Phase.STARTING);
        assertThatAnInterruptEnds(() -> a.supervisor.startChild(patient()), a, Phase.STARTING); // of a known child
        assertThatAnInterruptEnds(() -> a.supervisor.ensureChild(patient()), a, Phase.STARTING);
        init.countDown();
        cluster.awaitRunning("c", "a");
        assertThat(cluster.runners("c")).hasSize(1);
    }

    @Test
    void theReplacementGoesOn() {
        TestPeer a = start("a");
        a.supervisor.startChild(patient());
        init = new CountDownLatch(1);
        ChildSpec other = patient().withArguments(Map.of("other", 1));
        assertThatAnInterruptEnds(() -> a.supervisor.ensureChild(other), a, Phase.STARTING);
        init.countDown();
        cluster.awaitRunning("c", "a");
        assertThat(a.supervisor.childSpec("c")).contains(other);
    }

    @Test
    void theRestartGoesOn() {
        TestPeer a = start("a");
        a.supervisor.startChild(patient());
        a.supervisor.terminateChild("c");
        init = new CountDownLatch(1);
        assertThatAnInterruptEnds(() -> a.supervisor.restartChild("c"), a, Phase.STARTING);
        init.countDown();
        cluster.awaitRunning("c", "a");
    }

    @Test
    void theTerminationGoesOn() {
        TestPeer a = start("a");
        a.supervisor.startChild(gated());
        assertThatAnInterruptEnds(() -> a.supervisor.terminateChild("c"), a, Phase.STOPPING);
        cluster.open("c");
        await().atMost(TestCluster.PATIENCE).until(() -> isIn(a, Phase.STOPPED));
    }

    @Test
    void theRemovalGoesOn() {
        TestPeer a = start("a");
        a.supervisor.startChild(gated());
        assertThatAnInterruptEnds(() -> a.supervisor.removeChild("c"), a, Phase.STOPPING);
        cluster.open("c");
        await().atMost(TestCluster.PATIENCE)
                .until(() -> a.supervisor.whichChildren().isEmpty());
    }

    @Test
    void theMoveGoesOn() {
        TestPeer a = start("a");
        TestPeer b = start("b");
        a.supervisor.startChild(gated());
        assertThatAnInterruptEnds(() -> a.supervisor.moveChild("c", b.supervisor.self()), a, Phase.STOPPING);
        cluster.open("c");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("c")).startsWith("a", "b"));
    }

    /** It waits for the adoption, as the child may be deleted or not after that. */
    @Test
    void theDeletionHasChangedNothing() {
        AtomicBoolean claims = new AtomicBoolean();
        TestPeer a = start("a");
        cluster.wrap = store -> FaultyStoreTests.hooked(
                store,
                FaultyStoreTests.NONE,
                (method, arguments) -> method.equals("grant") && !claims.get() ? Map.of() : null);
        TestPeer b = start("b");
        a.supervisor.startChild(patient());
        a.kill();
        await().atMost(TestCluster.PATIENCE).until(() -> isIn(b, Phase.ORPHANED));
        assertThatAnInterruptEnds(() -> b.supervisor.deleteChild("c"), b, Phase.ORPHANED);
        claims.set(true);
        cluster.awaitRunning("c", "b");
    }

    @Test
    void aStartThatWaitsForThePeerToJoinAgainHasWrittenNothing() {
        AtomicReference<UnjoinableStore> joins = new AtomicReference<>();
        cluster.wrap = store -> {
            joins.set(new UnjoinableStore(store));
            return joins.get();
        };
        TestPeer a = start("a");
        joins.get().refusals.set(Integer.MAX_VALUE);
        cluster.database().execute("update mirrored_supervisor.peer set state = 'DEAD'");
        await().atMost(TestCluster.PATIENCE).until(() -> joins.get().tries.size() > 1);
        AtomicBoolean kept = new AtomicBoolean();
        Background<Boolean> calling = Background.call(() -> {
            Thread.currentThread().interrupt();
            try {
                a.supervisor.startChild(patient());
                return true;
            } finally {
                kept.set(Thread.interrupted());
            }
        });
        assertThatThrownBy(calling::result).isInstanceOf(PeerNotJoinedException.class);
        assertThat(kept).isTrue();
        joins.get().refusals.set(0);
        assertThat(a.supervisor.startChild(patient())).isInstanceOf(Started.class);
        assertThat(cluster.runners("c")).hasSize(1);
    }

    @Test
    void aGroupIsRevivedBeforeTheCallReturns() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO);
        blocking("reviveGroup");
        TestPeer a = start("a");
        a.supervisor.startChild(ChildSpec.of("poison", "crashing"));
        a.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("poison"));
        a.supervisor.removeChild("poison");
        assertThatAnInterruptDoesNotEnd(() -> {
            a.supervisor.restartGroup();
            return a.supervisor.groupInfo().state().name();
        });
        assertThat(a.supervisor.startChild(patient())).isInstanceOf(Started.class);
    }

    @Test
    void aPeerIsCordonedBeforeTheCallReturns() {
        blocking("cordon");
        TestPeer a = start("a");
        assertThatAnInterruptDoesNotEnd(() -> {
            a.supervisor.cordon(a.supervisor.self());
            return a.supervisor.peers().get(0).cordoned();
        });
    }

    @Test
    void aQueryIsAnsweredBeforeTheCallReturns() {
        blocking("allRows");
        TestPeer a = start("a");
        assertThatAnInterruptDoesNotEnd(a.supervisor::whichChildren);
    }

    private void blocking(String blocked) {
        cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, (method, arguments) -> {
            if (method.equals(blocked)) {
                asked.countDown();
                if (!mayGoOn.await(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new StoreUnavailableException("nobody let it go on", null);
                }
            }
            return null;
        });
    }

    /** Interrupts the call while the database has not answered. */
    private void assertThatAnInterruptDoesNotEnd(Supplier<Object> call) {
        AtomicBoolean kept = new AtomicBoolean();
        Background<Object> calling = Background.call(() -> {
            Object result = call.get();
            kept.set(Thread.interrupted());
            return result;
        });
        await().atMost(TestCluster.PATIENCE).until(() -> asked.getCount() == 0);
        calling.thread().interrupt();
        await().atMost(TestCluster.PATIENCE).until(() -> !calling.thread().isInterrupted()); // it goes on waiting
        assertThat(calling.thread().isAlive()).isTrue();
        mayGoOn.countDown();
        calling.result();
        assertThat(kept).isTrue();
    }
}
