package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.Entry;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Peers that stop and peers that die: which peer takes their children, and how. Methods are named after the semantics
 * rows they check.
 */
class FailoverTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void closeCluster() {
        release.countDown();
        cluster.close();
        cluster.assertNoOverlaps();
    }

    // ---- orderly

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
    void everyChildStartsUnderTheTokenThatItWasHandedOverWith() throws Exception {
        cluster.staticChildren(ChildSpec.of("declared", "declared"));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("dynamic"));
        cluster.awaitRunning("declared", "a");
        a.peer.stop().get();
        for (String id : List.of("declared", "dynamic")) {
            cluster.awaitRunning(id, "b");
            assertThat(cluster.database()
                            .jdbc()
                            .sql(
                                    "select token from mirrored_supervisor.history where what = 'RELEASED' and child_id = ?"
                                            + " and to_peer = ?")
                            .params(id, b.supervisor.self().value())
                            .query(Long.class)
                            .single())
                    .as("nothing was claimed")
                    .isEqualTo(cluster.journal(id)
                            .get(cluster.journal(id).size() - 1)
                            .token());
        }
        assertThat(b.events(SupervisorEvent.ChildAdopted.class)).hasSize(2);
    }

    @Test
    void aChildWithASuccessorIsToldToStopBeforeTheStoreIsAsked() {
        cluster.lease(Duration.ofMinutes(1)); // after a renewal interval the others would be told too
        CountDownLatch second = new CountDownLatch(1);
        cluster.type("telling", label -> context -> {
            context.sleep(Duration.ofMinutes(1));
            second.countDown();
        });
        cluster.start("b");
        cluster.staticChildren(ChildSpec.of("seen", "seen"));
        TestPeer a = cluster.start("a");
        cluster.awaitRunning("seen", "a"); // so "a" has read its group, and knows "b"
        a.supervisor.startChild(worker("first"));
        a.supervisor.startChild(ChildSpec.of("second", "telling"));
        CompletableFuture<Void> left;
        try (RowHolder own = RowHolder.of(
                cluster.database(),
                "update mirrored_supervisor.peer set label = label where id = ?",
                a.supervisor.self().value())) {
            left = a.peer.stop();
            await().atMost(TestCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(cluster.running("first")).isEmpty());
            assertThat(second.getCount()).as("the store has not answered").isOne();
            own.rollback();
        }
        assertThat(left).succeedsWithin(TestCluster.PATIENCE);
        cluster.awaitRunning("first", "b");
    }

    @Test
    void aMemberThatLeavesTooIsHandedNothing() {
        cluster.staticChildren(ChildSpec.of("s", "s"));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        cluster.start("c");
        cluster.awaitRunning("s", "a");
        b.supervisor.startChild(ChildSpec.of("g", "gated").withShutdown(new Shutdown.Infinity()));
        CompletableFuture<Void> slowly = b.peer.stop(); // nobody is told: "a" still takes "b" for its successor
        await().atMost(TestCluster.PATIENCE)
                .until(() -> cluster.database()
                        .jdbc()
                        .sql("select leaving from mirrored_supervisor.peer where id = ?")
                        .param(b.supervisor.self().value())
                        .query(Boolean.class)
                        .single());
        assertThat(a.peer.stop()).succeedsWithin(TestCluster.PATIENCE);
        cluster.awaitRunning("s", "c");
        assertThat(cluster.database()
                        .jdbc()
                        .sql("select distinct to_peer from mirrored_supervisor.history"
                                + " where child_id = 's' and what in ('RELEASED', 'GRANTED')")
                        .query(UUID.class)
                        .list())
                .doesNotContain(b.supervisor.self().value());
        cluster.open("g");
        assertThat(slowly).succeedsWithin(TestCluster.PATIENCE);
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
    void aPeerThatLeavesStopsAChildWhenTheOneStartedBeforeItIsHandedOver() throws Exception {
        cluster.lease(Duration.ofSeconds(10)); // the time to wait for one child is a share of the lease
        cluster.type("asking", label -> context -> {
            context.sleep(Duration.ofMinutes(1));
            cluster.note(label, context, cluster.owners().toString());
        });
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        Stream.of("c1", "c2", "c3").forEach(id -> a.supervisor.startChild(ChildSpec.of(id, "asking")));
        String me = a.supervisor.self().toString();
        String successor = b.supervisor.self().toString();
        a.peer.stop().get();
        assertThat(Stream.of("c1", "c2", "c3")
                        .map(id -> cluster.journal(id).get(0).what()))
                .containsExactly(
                        List.of(me, me, me).toString(),
                        List.of(successor, me, me).toString(),
                        List.of(successor, successor, me).toString());
    }

    @Test
    void b40AnOrderlyHandOverStartsDeclaredChildrenInTheirOrderThenDynamicOnesAsTheyWereCreated() throws Exception {
        cluster.concurrentStarts(1) // otherwise the inits of the others race
                .staticChildren(ChildSpec.of("z", "z"), ChildSpec.of("a", "a"), ChildSpec.of("m", "m"));
        TestPeer a = cluster.start("a");
        cluster.start("b");
        Stream.of("k", "b2", "d1").forEach(id -> a.supervisor.startChild(worker(id)));
        a.peer.stop().get();
        Stream.of("z", "a", "m", "k", "b2", "d1").forEach(id -> cluster.awaitRunning(id, "b"));
        assertThat(inits("b", "z", "a", "m", "k", "b2", "d1")).containsExactly("z", "a", "m", "k", "b2", "d1");
        assertThat(ends("a", "z", "a", "m", "k", "b2", "d1")).containsExactly("z", "a", "m", "k", "b2", "d1");
    }

    @ParameterizedTest
    @EnumSource(
            value = Strategy.class,
            names = {"ONE_FOR_ALL", "REST_FOR_ONE"})
    void b40ChildrenThatDependOnEachOtherAreHandedOverTogetherAndStartInTheirOrder(Strategy strategy) throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        cluster.type("slow", label -> new ChildProcess() {
            @Override
            public void init(ChildContext context) throws Exception {
                cluster.note(label, context, "INIT");
                if (label.equals("b")) {
                    began.countDown();
                    release.await();
                }
                cluster.note(label, context, "READY");
            }

            @Override
            public void run(ChildContext context) throws Exception {
                cluster.idle(label).run(context);
            }
        });
        cluster.settings(strategy, 1, Duration.ofMillis(200))
                .staticChildren(ChildSpec.of("z", "z"), ChildSpec.of("a", "slow"));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        Stream.of("k", "b2").forEach(id -> a.supervisor.startChild(worker(id)));
        a.peer.stop().get();
        began.await();
        assertThat(cluster.owners()).containsOnly(b.supervisor.self().toString());
        cluster.awaitRenewals(b, 10);
        assertThat(inits("b", "z", "a", "k", "b2"))
                .containsExactly("z", "a"); // the next children wait for the init of "a"
        release.countDown();
        Stream.of("z", "a", "k", "b2").forEach(id -> cluster.awaitRunning(id, "b"));
        assertThat(inits("b", "z", "a", "k", "b2")).containsExactly("z", "a", "k", "b2");
        assertThat(ends("a", "z", "a", "k", "b2")).containsExactly("b2", "k", "a", "z");
    }

    @Test
    void childrenThatDependOnEachOtherWaitForOneThatDoesNotStopForALeaseOnly() {
        cluster.settings(Strategy.ONE_FOR_ALL, 1, Duration.ofMillis(200));
        TestPeer a = cluster.start("a");
        cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("first", "gated").withShutdown(new Shutdown.Infinity()));
        a.supervisor.startChild(worker("c1"));
        a.supervisor.startChild(worker("c2"));
        CompletableFuture<Void> left = a.peer.stop();
        cluster.awaitRunning("c1", "b");
        cluster.awaitRunning("c2", "b");
        assertThat(cluster.running("first")).containsExactly("a");
        cluster.open("first");
        assertThat(left).succeedsWithin(TestCluster.PATIENCE);
    }

    @Test
    void a40ThePeerThatNobodySucceedsStopsInReverseStartOrder() throws Exception {
        cluster.lease(Duration.ofSeconds(10));
        TestPeer a = cluster.start("a");
        cluster.start("b", "failing"); // it cannot run any of them
        Stream.of("c1", "c2", "c3").forEach(id -> a.supervisor.startChild(worker(id)));
        a.supervisor.startChild(worker("t").withRestart(RestartType.TEMPORARY));
        a.peer.stop().get();
        assertThat(ends("a", "c1", "c2", "c3", "t")).containsExactly("t", "c3", "c2", "c1");
    }

    @Test
    void whatNobodyTakesOverStopsLastInReverseStartOrder() throws Exception {
        cluster.lease(Duration.ofSeconds(10)).concurrentStarts(1); // otherwise the inits at b race
        cluster.type("elsewhere", cluster::idle);
        TestPeer a = cluster.start("a");
        cluster.start("b", "elsewhere");
        a.supervisor.startChild(worker("stays1"));
        a.supervisor.startChild(ChildSpec.of("goes1", "elsewhere"));
        a.supervisor.startChild(worker("stays2"));
        a.supervisor.startChild(ChildSpec.of("goes2", "elsewhere"));
        a.peer.stop().get();
        cluster.awaitRunning("goes2", "b");
        assertThat(ends("a", "stays1", "goes1", "stays2", "goes2"))
                .containsExactly("goes1", "goes2", "stays2", "stays1");
        assertThat(inits("b", "goes1", "goes2")).containsExactly("goes1", "goes2");
    }

    private List<String> inits(String peer, String... children) {
        return inOrder(peer, "INIT", children);
    }

    private List<String> ends(String peer, String... children) {
        return inOrder(peer, "END", children);
    }

    private List<String> inOrder(String peer, String what, String... children) {
        return Stream.of(children)
                .flatMap(id -> cluster.journal(id).stream())
                .filter(entry -> entry.peer().equals(peer) && entry.what().equals(what))
                .sorted(Comparator.comparingLong(Entry::at))
                .map(Entry::child)
                .toList();
    }

    @Test
    void aChildThatDoesNotStopHoldsUpTheHandOverOfTheOthersForAShareOfTheLease() {
        TestPeer a = cluster.start("a");
        cluster.start("b");
        a.supervisor.startChild(worker("c1"));
        a.supervisor.startChild(worker("c2"));
        a.supervisor.startChild(ChildSpec.of("last", "gated").withShutdown(new Shutdown.Infinity()));
        CompletableFuture<Void> left = a.peer.stop();
        cluster.awaitRunning("c1", "b");
        cluster.awaitRunning("c2", "b");
        assertThat(cluster.running("last")).containsExactly("a");
        cluster.open("last");
        assertThat(left).succeedsWithin(TestCluster.PATIENCE);
    }

    // ---- abrupt

    @Test
    void b36AfterAnAbruptDeathNothingStartsBeforeTheDeadPeersChildrenHaveCleanedUp() {
        cluster.type("tidy", label -> context -> {
            cluster.note(label, context, "BEGIN");
            try {
                context.sleep(Duration.ofMinutes(1));
            } finally {
                release.await(60, TimeUnit.MILLISECONDS); // more than half the stop-bound
                cluster.note(label, context, "END");
            }
        });
        TestPeer a = cluster.start("a");
        cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("c", "tidy"));
        cluster.awaitRunning("c", "a");
        a.kill();
        cluster.awaitRunning("c", "b");
        assertThat(cluster.journal("c"))
                .extracting(Entry::peer, Entry::what)
                .containsExactly(tuple("a", "BEGIN"), tuple("a", "END"), tuple("b", "BEGIN"));
    }

    @Test
    void b37APeerThatCannotRenewLosesItsChildrenAndNothingElseHappensToTheGroup() {
        FaultyStoreTests.Silence silence = new FaultyStoreTests.Silence();
        cluster.wrap = store -> FaultyStoreTests.hooked(store, silence, FaultyStoreTests.NONE);
        TestPeer a = cluster.start("a");
        cluster.wrap = store -> store;
        TestPeer b = cluster.start("b");
        PeerId first = a.supervisor.self();
        a.supervisor.startChild(worker("moves"));
        b.supervisor.startChild(worker("stays"));
        silence.on = true;
        cluster.awaitRunning("moves", "b");
        silence.on = false;
        a.onEvent(SupervisorEvent.PeerExpelled.class, e -> assertThat(e.peer()).isEqualTo(first));
        a.onEvent(SupervisorEvent.PeerJoined.class, e -> assertThat(e.peer()).isNotEqualTo(first));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(a.peer.status().permitted()).isTrue());
        assertThat(a.supervisor.startChild(worker("new"))).isInstanceOf(Started.class);
        assertThat(cluster.runners("stays")).containsExactly("b");
        assertThat(b.events(SupervisorEvent.GroupTerminated.class)).isEmpty();
    }

    @Test
    void b38OneMemberTakesEverythingAndItIsTheEarliest() {
        TestPeer first = cluster.start("first");
        TestPeer second = cluster.start("second");
        List<TestPeer> others = Stream.of("third", "fourth").map(cluster::start).toList();
        TestPeer last = cluster.start("last");
        IntStream.range(0, 3).forEach(i -> last.supervisor.startChild(worker("c" + i)));
        last.kill();
        IntStream.range(0, 3).forEach(i -> cluster.awaitRunning("c" + i, "first"));
        first.kill();
        IntStream.range(0, 3).forEach(i -> cluster.awaitRunning("c" + i, "second"));
        IntStream.range(0, 3)
                .forEach(i -> assertThat(cluster.runners("c" + i)).containsExactly("last", "first", "second"));
        assertThat(second.events(SupervisorEvent.ChildAdopted.class))
                .hasSize(3)
                .allSatisfy(e -> assertThat(e.from()).isEqualTo(first.supervisor.self()));
        others.forEach(peer ->
                assertThat(peer.events(SupervisorEvent.ChildAdopted.class)).isEmpty());
    }

    @Test
    void b39AChildBeginsOnlyWhenItsRowSaysWhoseItIs() {
        cluster.type("reader", label -> new ChildProcess() {
            @Override
            public void init(ChildContext context) {
                String owner = cluster.database()
                        .jdbc()
                        .sql("""
                            select p.label from mirrored_supervisor.child c join mirrored_supervisor.peer p on p.id = c.owner
                            where c.id = :id and c.fencing_token = :token and p.state = 'ALIVE'
                            """)
                        .param("id", context.childId())
                        .param("token", context.fencingToken())
                        .query(String.class)
                        .optional()
                        .orElse("nobody");
                cluster.note(label, context, "OWNED BY " + owner);
            }

            @Override
            public void run(ChildContext context) throws Exception {
                cluster.idle(label).run(context);
            }
        });
        TestPeer a = cluster.start("a");
        cluster.start("b");
        IntStream.range(0, 10).forEach(i -> a.supervisor.startChild(ChildSpec.of("c" + i, "reader")));
        a.kill();
        IntStream.range(0, 10).forEach(i -> cluster.awaitRunning("c" + i, "b"));
        IntStream.range(0, 10)
                .forEach(i -> assertThat(cluster.journal("c" + i))
                        .filteredOn(entry -> entry.what().startsWith("OWNED"))
                        .extracting(Entry::peer, Entry::what)
                        .containsExactly(tuple("a", "OWNED BY a"), tuple("b", "OWNED BY b")));
    }

    @Test
    void b40StaticChildrenComeFirstInTheirDeclaredOrderThenDynamicOnesAsTheyWereCreated() {
        cluster.concurrentStarts(1) // otherwise the inits of the others race
                .staticChildren(ChildSpec.of("z", "z"), ChildSpec.of("a", "a"), ChildSpec.of("m", "m"));
        TestPeer a = cluster.start("a");
        cluster.start("b");
        Stream.of("k", "b2", "d1").forEach(id -> a.supervisor.startChild(worker(id)));
        a.kill();
        cluster.awaitRunning("d1", "b");
        assertThat(inits("b", "z", "a", "m", "k", "b2", "d1")).containsExactly("z", "a", "m", "k", "b2", "d1");
    }

    @Test
    void b41TheAdoptersOwnCallsDoNotWaitForSlowStarts() {
        cluster.type("slow-at-b", label -> new ChildProcess() {
            @Override
            public void init(ChildContext context) throws Exception {
                cluster.note(label, context, "INIT");
                if (label.equals("b")) {
                    release.await();
                }
            }

            @Override
            public void run(ChildContext context) throws Exception {
                cluster.idle(label).run(context);
            }
        });
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("slow", "slow-at-b"));
        a.supervisor.startChild(worker("next"));
        a.kill();
        cluster.awaitRunning("next", "b");
        assertThat(b.supervisor.startChild(worker("new"))).isInstanceOf(Started.class);
        b.supervisor.terminateChild("next");
        assertThat(b.supervisor.whichChildren())
                .extracting(ChildInfo::id, ChildInfo::phase)
                .containsExactly(
                        tuple("slow", Phase.STARTING), tuple("next", Phase.STOPPED), tuple("new", Phase.RUNNING));
        release.countDown();
        cluster.awaitRunning("slow", "b");
    }

    @Test
    void b44b45ChildrenGoFromPeerToPeerAndEachRunIsANewOneUnderAGreaterToken() {
        Set<ChildProcess> instances = ConcurrentHashMap.newKeySet();
        cluster.type("counted", label -> {
            ChildProcess instance = cluster.idle(label);
            instances.add(instance);
            return instance;
        });
        List<TestPeer> peers = Stream.of("a", "b", "c", "d").map(cluster::start).toList();
        peers.get(0).supervisor.startChild(ChildSpec.of("one", "counted"));
        for (int i = 0; i + 1 < peers.size(); i++) {
            cluster.awaitRunning("one", peers.get(i).label);
            peers.get(i).kill();
        }
        cluster.awaitRunning("one", "d");
        assertThat(cluster.runners("one")).containsExactly("a", "b", "c", "d");
        assertThat(instances).hasSize(4);
    }

    @Test
    void b56TheLastOfThreePeersRunsEverything() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        TestPeer c = cluster.start("c");
        a.supervisor.startChild(worker("of-a"));
        b.supervisor.startChild(worker("of-b"));
        c.supervisor.startChild(worker("of-c"));
        a.kill();
        b.kill();
        cluster.awaitRunning("of-a", "c");
        cluster.awaitRunning("of-b", "c");
        assertThat(cluster.runners("of-c")).containsExactly("c");
        assertThat(c.supervisor.startChild(worker("new"))).isInstanceOf(Started.class);
    }

    // ---- what cannot be taken

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
    void b42AHandEditedSpecHarmsNobody() throws Exception {
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
    void b31ATemporaryChildEndsWithItsDeadOwner() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("t").withRestart(RestartType.TEMPORARY));
        a.supervisor.startChild(worker("witness"));
        a.kill();
        cluster.awaitRunning("witness", "b");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(b.supervisor.whichChildren())
                        .extracting(ChildInfo::id)
                        .containsExactly("witness"));
        assertThat(cluster.runners("t")).containsExactly("a");
    }
}
