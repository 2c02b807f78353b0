package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerInfo;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.peer.StartAbandonedException;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnStartFailure;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers whose first attempt to join fails, and peers that are stopped while they start. */
class StartUpTests {

    private static final int FOR_EVER = Integer.MAX_VALUE;

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    private UnjoinableStore store;

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @Test
    void aPeerThatCannotJoinAtOnceTriesAgain() {
        TestPeer a = create("a");
        store.refusals.set(5);

        a.peer.start();

        assertThat(store.tries).hasSize(6);
        a.supervisor.startChild(worker("c"));
        cluster.awaitRunning("c", "a");
    }

    @Test
    void aJoinWhoseAnswerWasLostIsNotJoinedTwice() {
        cluster.lease(Duration.ofSeconds(3));
        TestPeer a = create("a");
        store.lostAnswers.set(2);

        a.peer.start();

        assertThat(store.tries).hasSize(3).extracting(JoinRequest::id).containsOnly(a.supervisor.self());
        assertThat(a.supervisor.peers()).extracting(PeerInfo::state).containsExactly(PeerState.ALIVE);
        a.supervisor.startChild(worker("c"));
        cluster.awaitRunning("c", "a");
    }

    @Test
    void aTryLongAfterAnotherHasAnIdOfItsOwnAsItsFirstOneMayBeDeclaredDead() {
        cluster.callTimeout(Duration.ofMinutes(1));
        TestPeer a = create("a");
        store.refusals.set(7);

        a.peer.start(); // the pauses between these tries are together longer than the lease

        assertThat(store.tries.stream().map(JoinRequest::id).distinct()).hasSizeGreaterThan(1);
        assertThat(store.tries).last().extracting(JoinRequest::id).isEqualTo(a.supervisor.self());
    }

    @Test
    void aStrictStartFailsWhenItsTimeIsOver() {
        cluster.callTimeout(Duration.ofSeconds(1));
        TestPeer a = create("a");
        store.refusals.set(FOR_EVER);

        assertThatThrownBy(a.peer::start)
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContainingAll("could not join within", "no way in");

        assertThat(store.tries).hasSizeGreaterThan(1);
        assertThat(peerRows()).isZero();
        assertThatThrownBy(a.supervisor::whichChildren).isInstanceOf(PeerNotJoinedException.class);
        store.refusals.set(0);
        a.peer.start(); // as after any other stop
        a.supervisor.startChild(worker("c"));
        cluster.awaitRunning("c", "a");
    }

    @Test
    void aLenientStartGoesOnJoiningWhileTheApplicationRuns() {
        cluster.startup(Startup.LENIENT).staticChildren(ChildSpec.of("s", "s"));
        TestPeer a = create("a");
        store.refusals.set(FOR_EVER);

        a.peer.start();

        for (var call : List.<Runnable>of(
                a.supervisor::whichChildren,
                () -> a.supervisor.startChild(worker("c")),
                () -> a.supervisor.terminateChild("s"))) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(PeerNotJoinedException.class)
                    .hasMessageContainingAll("has not joined yet", "no way in");
        }
        assertThat(a.peer.status().running()).isTrue();
        assertThat(a.peer.status().joined()).isFalse();

        store.refusals.set(0);
        cluster.awaitRunning("s", "a");
        a.supervisor.startChild(worker("c"));
        cluster.awaitRunning("c", "a");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStopEndsAStartThatIsStillJoining(boolean interrupted) {
        cluster.callTimeout(Duration.ofHours(1));
        TestPeer a = create("a");
        store.refusals.set(FOR_EVER);
        Background<Boolean> starting = starting(a);
        await().atMost(TestCluster.PATIENCE).until(() -> store.tries.size() > 2);

        stop(a, starting, interrupted);

        assertThatThrownBy(starting::result).isInstanceOf(StartAbandonedException.class);
        assertThat(a.peer.stop()).succeedsWithin(TestCluster.PATIENCE);
        assertThat(a.peer.status().running()).isFalse();
        int tries = store.tries.size();
        cluster.start("b"); // this takes longer than the pause between two tries
        assertThat(store.tries.stream().filter(request -> request.ref().label().equals("a")))
                .hasSizeLessThanOrEqualTo(tries);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStopEndsAStartThatWaitsForTheInitOfAChild(boolean interrupted) {
        CountDownLatch initializing = new CountDownLatch(1);
        cluster.callTimeout(Duration.ofHours(1))
                .policies(new GroupPolicies(
                        GroupPolicies.DEFAULT.autoShutdown(),
                        GroupPolicies.DEFAULT.onIntensityExceeded(),
                        GroupPolicies.DEFAULT.onEmptyGroup(),
                        OnStartFailure.FAIL,
                        null))
                .type("slow", label -> new SlowToStart(initializing))
                .staticChildren(ChildSpec.of("s", "slow"));
        TestPeer a = cluster.create("a");
        Background<Boolean> starting = starting(a);
        await().atMost(TestCluster.PATIENCE).until(() -> initializing.getCount() == 0);

        stop(a, starting, interrupted);

        assertThatThrownBy(starting::result).isInstanceOf(StartAbandonedException.class);
        assertThat(a.peer.stop()).succeedsWithin(TestCluster.PATIENCE);
        assertThat(cluster.database()
                        .jdbc()
                        .sql("select state from mirrored_supervisor.peer")
                        .query(String.class)
                        .list())
                .containsExactly("LEFT");
    }

    private TestPeer create(String label) {
        cluster.wrap = real -> {
            UnjoinableStore made = new UnjoinableStore(real);
            store = made;
            return made;
        };
        TestPeer peer = cluster.create(label);
        cluster.wrap = real -> real;
        return peer;
    }

    private static Background<Boolean> starting(TestPeer peer) {
        return Background.call(() -> {
            peer.peer.start();
            return true;
        });
    }

    private static void stop(TestPeer peer, Background<Boolean> starting, boolean interrupted) {
        if (interrupted) {
            // Spring interrupts the starting thread when its context is closed, but only if it waits without a
            // time-out.
            await().atMost(TestCluster.PATIENCE).until(() -> starting.thread().getState() == Thread.State.WAITING);
            starting.thread().interrupt();
        } else {
            assertThat(peer.peer.stop()).succeedsWithin(TestCluster.PATIENCE);
        }
    }

    private long peerRows() {
        return cluster.database()
                .jdbc()
                .sql("select count(*) from mirrored_supervisor.peer")
                .query(Long.class)
                .single();
    }

    /** Its init takes an hour, unless it is interrupted. */
    private record SlowToStart(CountDownLatch initializing) implements ChildProcess {

        @Override
        public void init(ChildContext context) throws InterruptedException {
            initializing.countDown();
            TimeUnit.HOURS.sleep(1);
        }

        @Override
        public void run(ChildContext context) {}
    }
}
