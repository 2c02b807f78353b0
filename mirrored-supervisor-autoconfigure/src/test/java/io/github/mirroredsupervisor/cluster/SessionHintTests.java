package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.cluster.FaultyStoreTests.Silence;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.postgres.sessions.SessionHints;
import io.github.mirroredsupervisor.testing.ConcurrentTest;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Protocol rule 10 among peers: which children the end of a session moves, and which not (P4, P8). The lease is so long
 * that it never expires here.
 */
class SessionHintTests {

    private static final Duration LEASE = Duration.ofMinutes(1);

    private static final String SESSIONS = """
            from pg_stat_activity
            where datname = current_database() and application_name like 'mirrored-supervisor ' || ? || ' ' || ?
            """;

    private final TestCluster cluster =
            new TestCluster(TestPostgres.migratedDatabase()).lease(LEASE).renewEvery(Duration.ofMillis(200));
    private final Silence silence = new Silence();

    @BeforeEach
    void firstPeerCanBeSilenced() {
        cluster.wrap = store -> FaultyStoreTests.hooked(store, silence, silence);
    }

    @AfterEach
    void closeCluster() {
        silence.on = false;
        cluster.close();
    }

    private static ChildSpec immediate(String id) {
        return ChildSpec.of(id, "worker").withTakeover(Takeover.IMMEDIATE);
    }

    private TestPeer later(String label) {
        cluster.wrap = store -> store;
        return cluster.start(label);
    }

    // ---- a peer that dies

    @ConcurrentTest
    void p4TheImmediateChildrenOfAKilledPeerMoveAtOnceAndTheOthersWaitForItsLease() {
        TestPeer a = cluster.start("a");
        TestPeer b = later("b");
        IntStream.range(0, 5).forEach(i -> a.supervisor.startChild(immediate("i" + i)));
        a.supervisor.startChild(ChildSpec.of("w", "worker"));
        a.supervisor.startChild(immediate("t").withRestart(RestartType.TEMPORARY));
        a.supervisor.startChild(immediate("s"));
        a.supervisor.terminateChild("s");
        awaitWatching("b");

        kill("a");

        IntStream.range(0, 5).forEach(i -> awaitRunningAlsoOn("i" + i, "b"));
        assertThat(b.events(SupervisorEvent.ChildAdopted.class)).hasSize(5).allSatisfy(adopted -> {
            assertThat(adopted.cause()).isEqualTo(StartCause.TAKEN_OVER);
            assertThat(adopted.from()).isEqualTo(a.supervisor.self());
        });
        b.onEvent(SupervisorEvent.ChildStarted.class, started -> {
            assertThat(started.cause()).isEqualTo(StartCause.TAKEN_OVER);
            assertThat(started.unowned()).isBetween(Duration.ZERO, LEASE.dividedBy(2));
        });
        for (String stays : List.of("w", "t")) {
            assertThat(cluster.runners(stays)).containsExactly("a");
        }
        assertThat(owner("s")).isEqualTo("a");
        assertThat(b.events(SupervisorEvent.PeerDeclaredDead.class)).isEmpty();
        IntStream.range(0, 5).forEach(i -> assertTokensRise("i" + i));
    }

    @ConcurrentTest
    void rule10TheNearestPeerThatCanTakesThem() {
        TestPeer a = cluster.start("a");
        cluster.wrap = store -> store;
        cluster.start("unable", "completing");
        TestPeer cordoned = cluster.start("cordoned");
        TestPeer near = cluster.start("near");
        TestPeer far = cluster.start("far");
        near.supervisor.cordon(cordoned.supervisor.self());
        a.supervisor.startChild(immediate("i"));
        awaitWatching("near");
        awaitWatching("far");
        assertThat(sessions("watch", "unable")).isZero();

        kill("a");

        awaitRunningAlsoOn("i", "near");
        await().atMost(TestCluster.PATIENCE).until(() -> lockOf("near").equals(watchedBy("far")));
        assertThat(cluster.runners("i")).containsExactly("a", "near");
        assertThat(far.events(SupervisorEvent.ChildAdopted.class)).isEmpty();
    }

    @ConcurrentTest
    void rule10WhatTheNearestDoesNotTakeTheNextDoes() {
        TestPeer a = cluster.start("a");
        Silence nearIsDead = new Silence();
        cluster.wrap = store -> FaultyStoreTests.hooked(store, nearIsDead, nearIsDead);
        cluster.start("near");
        later("far");
        a.supervisor.startChild(immediate("i"));
        awaitWatching("near");
        awaitWatching("far");
        nearIsDead.on = true;

        kill("a");

        awaitRunningAlsoOn("i", "far");
        nearIsDead.on = false;
    }

    @ConcurrentTest
    void withoutSessionHintsEveryChildWaitsForTheLease() {
        cluster.sessionHints(SessionHints.OFF).lease(Duration.ofSeconds(2));
        TestPeer a = cluster.start("a");
        TestPeer b = later("b");
        a.supervisor.startChild(immediate("i"));
        assertThat(locksShown()).isZero();

        kill("a");

        b.onEvent(
                SupervisorEvent.ChildAdopted.class,
                adopted -> assertThat(adopted.cause()).isEqualTo(StartCause.FAILED_OVER));
        assertThat(sessions("watch", "b")).isZero();
    }

    // ---- a peer that lives

    @ConcurrentTest
    void p8TheEndOfALivePeersSessionMovesItsImmediateChildrenOnceAndNothingElse() {
        TestPeer a = cluster.start("a");
        TestPeer b = later("b");
        a.supervisor.startChild(immediate("i"));
        a.supervisor.startChild(ChildSpec.of("w", "worker"));
        awaitWatching("b");

        terminate("listen", "a");
        cluster.awaitRunning("i", "b"); // and a has stopped its own run

        awaitWatching("a");
        String lost = lockOf("b");
        terminate("listen", "b"); // the child has only just moved
        await().atMost(TestCluster.PATIENCE).until(() -> isAnother(lockOf("b"), lost));
        awaitWatching("a");
        a.supervisor.whichChildren(); // on the same thread, behind the attempt
        assertThat(cluster.runners("i")).containsExactly("a", "b");

        cluster.database()
                .jdbc()
                .sql("update mirrored_supervisor.child set taken_over_at = taken_over_at - interval '1 hour'")
                .update();
        terminate("listen", "b");
        cluster.awaitRunning("i", "a");

        assertThat(cluster.runners("i")).containsExactly("a", "b", "a");
        assertThat(cluster.runners("w")).containsExactly("a");
        for (TestPeer peer : List.of(a, b)) {
            assertThat(peer.events(SupervisorEvent.PermissionLost.class)).isEmpty();
            assertThat(peer.events(SupervisorEvent.PeerDeclaredDead.class)).isEmpty();
            assertThat(peer.events(SupervisorEvent.PeerExpelled.class)).isEmpty();
        }
        assertTokensRise("i");
    }

    @ConcurrentTest
    void i11EverySessionTerminatedInTurnMovesAnImmediateChildOnceAtMost() {
        TestPeer a = cluster.start("a");
        TestPeer b = later("b");
        TestPeer c = cluster.start("c");
        IntStream.range(0, 5).forEach(i -> a.supervisor.startChild(immediate("i" + i)));
        IntStream.range(0, 5).forEach(i -> a.supervisor.startChild(ChildSpec.of("w" + i, "worker")));
        awaitWatching("b");
        awaitWatching("c");

        for (int round = 0; round < 5; round++) {
            List<Integer> backends = cluster.database()
                    .jdbc()
                    .sql("select pid from pg_stat_activity where datname = current_database()"
                            + " and application_name like 'mirrored-supervisor%' order by pid")
                    .query(Integer.class)
                    .list();
            for (int backend : backends) {
                cluster.database()
                        .jdbc()
                        .sql("select pg_terminate_backend(?, 10000)")
                        .param(backend)
                        .query(Boolean.class)
                        .single();
            }
            await().atMost(TestCluster.PATIENCE).until(() -> locksShown() == 3);
        }

        for (int i = 0; i < 5; i++) {
            String id = "i" + i;
            await().atMost(TestCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(cluster.running(id)).containsExactly(owner(id)));
            assertThat(cluster.runners(id)).hasSizeLessThanOrEqualTo(2);
            assertThat(cluster.runners("w" + i)).containsExactly("a");
            assertTokensRise(id);
        }
        for (TestPeer peer : List.of(a, b, c)) {
            assertThat(peer.events(SupervisorEvent.PermissionLost.class)).isEmpty();
            assertThat(peer.events(SupervisorEvent.PeerDeclaredDead.class)).isEmpty();
        }
    }

    @ConcurrentTest
    void rule10NothingMovesWhenTheOwnerShowsAnotherLockByThen() throws InterruptedException {
        TestPeer a = cluster.start("a");
        AtomicReference<String> lost = new AtomicReference<>("");
        CountDownLatch attempted = new CountDownLatch(1);
        cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, (method, args) -> {
            if (method.equals("takeOver")) {
                await().atMost(TestCluster.PATIENCE).until(() -> isAnother(lockOf("a"), lost.get()));
                attempted.countDown();
            }
            return null;
        });
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(immediate("i"));
        awaitWatching("b");
        lost.set(lockOf("a"));
        long token = token("i");

        terminate("listen", "a");

        assertThat(attempted.await(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        b.supervisor.whichChildren(); // on the same thread, behind the attempt
        assertThat(token("i")).isEqualTo(token);
        assertThat(cluster.runners("i")).containsExactly("a");
    }

    @ConcurrentTest
    void rule10APeerWithoutPermissionTakesNothing() {
        TestPeer a = cluster.start("a");
        Silence unableToRenew = new Silence();
        cluster.lease(Duration.ofSeconds(3));
        cluster.wrap = store -> FaultyStoreTests.hooked(store, unableToRenew, FaultyStoreTests.NONE);
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(immediate("i"));
        awaitWatching("b");
        unableToRenew.on = true;
        b.onEvent(SupervisorEvent.PermissionLost.class, e -> assertThat(e).isNotNull());
        String lost = lockOf("a");

        terminate("listen", "a");

        await().atMost(TestCluster.PATIENCE).until(() -> isAnother(lockOf("a"), lost));
        await().atMost(TestCluster.PATIENCE).until(() -> waitersFor(lost) == 0);
        b.supervisor.whichChildren(); // on the same thread, behind the attempt
        assertThat(cluster.runners("i")).containsExactly("a");
        unableToRenew.on = false;
    }

    @ConcurrentTest
    void p8APeerThatLeavesIsNotTakenForADeadOne() {
        TestPeer a = cluster.start("a");
        TestPeer b = later("b");
        a.supervisor.startChild(immediate("i"));
        awaitWatching("b");

        assertThat(a.peer.stop()).succeedsWithin(TestCluster.PATIENCE);

        cluster.awaitRunning("i", "b");
        assertThat(b.events(SupervisorEvent.ChildAdopted.class))
                .extracting(SupervisorEvent.ChildAdopted::cause)
                .containsExactly(StartCause.HANDED_OVER);
        cluster.assertNoOverlaps();
    }

    // ---- who is watched

    @ConcurrentTest
    void nobodyIsWatchedUnlessThereIsSomethingToTake() {
        TestPeer a = cluster.start("a");
        TestPeer b = later("b");
        a.supervisor.startChild(ChildSpec.of("w", "worker"));
        b.supervisor.startChild(immediate("own"));
        awaitWatching("a");
        assertThat(sessions("watch", "b")).isZero();

        b.supervisor.removeChild("own");
        await().atMost(TestCluster.PATIENCE).until(() -> sessions("watch", "a") == 0);
    }

    @ConcurrentTest
    void theWatchGoesOverToANearerOwnerAtOnce() {
        TestPeer a = cluster.start("a");
        TestPeer b = later("b");
        cluster.start("c");
        a.supervisor.startChild(immediate("far"));
        awaitWatching("c");
        assertThat(watchedBy("c")).isEqualTo(lockOf("a"));

        b.supervisor.startChild(immediate("near"));

        await().atMost(TestCluster.PATIENCE).until(() -> lockOf("b").equals(watchedBy("c")));
    }

    // ---- helpers

    /** Like the death of a process, as the database sees it: all its sessions end, and it sends nothing more. */
    private void kill(String label) {
        silence.on = true;
        terminate("%", label);
    }

    private void terminate(String role, String label) {
        List<Boolean> terminated = cluster.database()
                .jdbc()
                .sql("select pg_terminate_backend(pid, 10000) " + SESSIONS)
                .param(role)
                .param(label)
                .query(Boolean.class)
                .list();
        assertThat(terminated).isNotEmpty().containsOnly(true);
    }

    private int sessions(String role, String label) {
        return cluster.database()
                .jdbc()
                .sql("select count(*) " + SESSIONS)
                .param(role)
                .param(label)
                .query(Integer.class)
                .single();
    }

    /** Waits until the peer waits for a lock that another peer's row names. */
    private void awaitWatching(String label) {
        await().atMost(TestCluster.PATIENCE).until(() -> watchedBy(label) != null);
    }

    /** The key of the lock that the peer waits for, if a peer's row names it. */
    private @Nullable String watchedBy(String label) {
        return cluster.database()
                .jdbc()
                .sql("""
                        select p.lock_key::text from pg_locks l
                        join pg_stat_activity s using (pid)
                        join mirrored_supervisor.peer p
                          on p.lock_key = (l.classid::bigint << 32) + l.objid::bigint and p.state = 'ALIVE'
                        where l.locktype = 'advisory' and not l.granted
                          and s.application_name = 'mirrored-supervisor watch ' || ?
                        """)
                .param(label)
                .query(String.class)
                .optional()
                .orElse(null);
    }

    private long waitersFor(String lock) {
        return cluster.database()
                .jdbc()
                .sql("select count(*) from pg_locks where locktype = 'advisory' and not granted"
                        + " and (classid::bigint << 32) + objid::bigint = ?::bigint")
                .param(lock)
                .query(Long.class)
                .single();
    }

    private String lockOf(String label) {
        return cluster.database()
                .jdbc()
                .sql("select coalesce(lock_key::text, '') from mirrored_supervisor.peer"
                        + " where label = ? and state = 'ALIVE'")
                .param(label)
                .query(String.class)
                .single();
    }

    private static boolean isAnother(String lock, String before) {
        return !lock.isEmpty() && !lock.equals(before);
    }

    private long locksShown() {
        return cluster.database()
                .jdbc()
                .sql("select count(*) from mirrored_supervisor.peer where lock_key is not null and state = 'ALIVE'")
                .query(Long.class)
                .single();
    }

    private String owner(String child) {
        return cluster.database()
                .jdbc()
                .sql("select p.label from mirrored_supervisor.child c join mirrored_supervisor.peer p on p.id = c.owner"
                        + " where c.id = ?")
                .param(child)
                .query(String.class)
                .single();
    }

    private long token(String child) {
        return cluster.database()
                .jdbc()
                .sql("select fencing_token from mirrored_supervisor.child where id = ?")
                .param(child)
                .query(Long.class)
                .single();
    }

    /** The killed peer's threads live on in this JVM. */
    private void awaitRunningAlsoOn(String child, String label) {
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners(child)).contains(label));
    }

    private void assertTokensRise(String child) {
        List<Long> tokens = cluster.journal(child).stream()
                .filter(entry -> entry.what().equals("BEGIN"))
                .map(TestCluster.Entry::token)
                .toList();
        assertThat(tokens).isSorted().doesNotHaveDuplicates();
    }
}
