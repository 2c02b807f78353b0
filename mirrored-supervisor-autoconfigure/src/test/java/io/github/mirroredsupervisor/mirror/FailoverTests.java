package io.github.mirroredsupervisor.mirror;

import static io.github.mirroredsupervisor.mirror.TestCluster.worker;
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
import io.github.mirroredsupervisor.mirror.TestCluster.Entry;
import io.github.mirroredsupervisor.mirror.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Peers that stop and peers that die: who takes their children, and how. Methods are named after the semantics rows they check. */
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
    void aPeerThatLeavesStopsAChildWhenTheOneStartedAfterItIsHandedOver() throws Exception {
        cluster.lease(Duration.ofSeconds(10)); // a share of it is how long one is waited for
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
        assertThat(Stream.of("c3", "c2", "c1")
                        .map(id -> cluster.journal(id).get(0).what()))
                .containsExactly(
                        List.of(me, me, me).toString(),
                        List.of(me, me, successor).toString(),
                        List.of(me, successor, successor).toString());
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
        cluster.staticChildren(ChildSpec.of("z", "z"), ChildSpec.of("a", "a"), ChildSpec.of("m", "m"));
        TestPeer a = cluster.start("a");
        cluster.start("b");
        Stream.of("k", "b2", "d1").forEach(id -> a.supervisor.startChild(worker(id)));
        a.kill();
        cluster.awaitRunning("d1", "b");
        assertThat(Stream.of("z", "a", "m", "k", "b2", "d1")
                        .flatMap(id -> cluster.journal(id).stream())
                        .filter(entry ->
                                entry.peer().equals("b") && entry.what().equals("INIT"))
                        .sorted(java.util.Comparator.comparingLong(Entry::at))
                        .map(Entry::child))
                .containsExactly("z", "a", "m", "k", "b2", "d1");
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
