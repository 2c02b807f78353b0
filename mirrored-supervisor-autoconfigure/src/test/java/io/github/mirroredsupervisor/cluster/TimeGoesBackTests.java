package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisorException;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.SupervisorEvent.DatabaseWentBack;
import io.github.mirroredsupervisor.cluster.TestCluster.Entry;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.testing.RecordedLog;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessException;

/**
 * Protocol rule 11b: the database loses commits. Afterwards each child runs once, under a token above all its earlier
 * ones, and each peer reports once what it has seen.
 */
class TimeGoesBackTests {

    private static final List<String> TABLES = List.of("supervision_group", "peer", "member", "child");

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());
    private final RecordedLog log = RecordedLog.of("io.github.mirroredsupervisor.internal");

    @AfterEach
    void closeCluster() {
        log.close();
        cluster.close();
        cluster.assertNoOverlaps();
    }

    private void hand(String... statements) {
        String block = "do $hand$ begin " + String.join("; ", statements) + "; end $hand$";
        await().atMost(TestCluster.PATIENCE)
                .ignoreExceptionsInstanceOf(DataAccessException.class) // a deadlock with a peer
                .until(() -> {
                    cluster.database().jdbc().sql(block).update();
                    return true;
                });
    }

    /** Copies the tables and the sequences, as a backup does. */
    private void backUp() {
        hand(Stream.of(
                        TABLES.stream()
                                .map(table ->
                                        "create table public." + table + " as table mirrored_supervisor." + table),
                        Stream.of("join_order", "start_order", "fencing_token")
                                .map(name -> "create table public." + name
                                        + " as select last_value from mirrored_supervisor." + name))
                .flatMap(one -> one)
                .toArray(String[]::new));
    }

    private void restore() {
        hand(Stream.of(
                        Stream.of("truncate mirrored_supervisor.supervision_group, mirrored_supervisor.peer,"
                                + " mirrored_supervisor.member, mirrored_supervisor.child"),
                        TABLES.stream()
                                .map(table ->
                                        "insert into mirrored_supervisor." + table + " select * from public." + table),
                        Stream.of("join_order", "start_order", "fencing_token")
                                .map(name -> "perform setval('mirrored_supervisor." + name
                                        + "', (select last_value from public." + name + "))"))
                .flatMap(one -> one)
                .toArray(String[]::new));
    }

    private long lastToken(String child) {
        return cluster.journal(child).stream().mapToLong(Entry::token).max().orElse(0);
    }

    private void awaitOneRun(String child, long after) {
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(cluster.running(child)).hasSize(1);
            assertThat(lastToken(child)).isGreaterThan(after);
        });
    }

    /** A call may come while the peer joins again. */
    private static <T> T patiently(Callable<T> call) {
        return await().atMost(TestCluster.PATIENCE)
                .ignoreExceptionsInstanceOf(MirroredSupervisorException.class)
                .until(call, result -> true);
    }

    private void assertSaidOnce(TestPeer... peers) {
        for (TestPeer peer : peers) {
            peer.onEvent(DatabaseWentBack.class, event -> {});
            assertThat(peer.events(DatabaseWentBack.class)).as(peer.label).hasSize(1);
        }
        assertThat(linesOfErrors()).hasSize(peers.length);
    }

    private List<String> linesOfErrors() {
        return log.messages(Level.ERROR).stream()
                .filter(line -> line.contains("went back in time"))
                .toList();
    }

    @Test
    void anotherServerThanBeforeTheJoinMayLackTokensSoTheyAreRaisedBeforeAnythingStarts() {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger raised = new AtomicInteger();
        Renewal before = new Renewal(false, 0, 0, List.of(), Map.of(), "the server before", Duration.ZERO, Map.of());
        cluster.wrap = store -> FaultyStoreTests.hooked(
                store,
                (method, args) -> method.equals("comeBack") && asked.getAndIncrement() == 0 ? before : null,
                (method, args) -> {
                    if (method.equals("raiseTokens")) {
                        raised.incrementAndGet();
                    }
                    return null;
                });
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        assertThat(raised).hasPositiveValue();
        assertThat(cluster.running("c")).containsExactly("a");
    }

    @Test
    void aRestoredCopyIsNotedByEachPeerAndNoTokenIsGivenTwice() {
        cluster.staticChildren(ChildSpec.of("declared", "declared"));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        TestPeer c = cluster.start("c");
        a.supervisor.startChild(worker("moved"));
        b.supervisor.startChild(worker("restarted"));
        c.supervisor.startChild(worker("removed"));
        cluster.awaitRunning("declared", "a");
        backUp();
        a.supervisor.moveChild("moved", b.supervisor.self());
        cluster.awaitRunning("moved", "b");
        for (int i = 0; i < 3; i++) {
            a.supervisor.terminateChild("restarted");
            a.supervisor.restartChild("restarted");
        }
        c.supervisor.removeChild("removed");
        c.supervisor.startChild(worker("removed"));
        cluster.awaitRunning("removed", "c");
        List<String> children = List.of("declared", "moved", "restarted", "removed");
        List<Long> last = children.stream().map(this::lastToken).toList();

        restore();

        for (int i = 0; i < children.size(); i++) {
            awaitOneRun(children.get(i), last.get(i));
        }
        assertSaidOnce(a, b, c);
    }

    @Test
    void aCopyThatAllWereDownForStartsAboveTheTokensThatNobodyRemembers() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        backUp();
        for (int i = 0; i < 3; i++) {
            a.supervisor.removeChild("c");
            a.supervisor.startChild(worker("c"));
        }
        long last = lastToken("c");
        a.peer.stop().join();
        restore();
        cluster.start("of-another-process");
        awaitOneRun("c", last);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "truncate mirrored_supervisor.peer cascade",
                "truncate mirrored_supervisor.supervision_group, mirrored_supervisor.member, mirrored_supervisor.child",
                "truncate mirrored_supervisor.supervision_group, mirrored_supervisor.peer, mirrored_supervisor.member,"
                        + " mirrored_supervisor.child, mirrored_supervisor.history restart identity",
                "delete from mirrored_supervisor.peer",
                "update mirrored_supervisor.peer set renew_seq = 1",
                "update mirrored_supervisor.supervision_group set revision = 0",
                "update mirrored_supervisor.peer set join_order = join_order + 100",
            })
    void rowsThatAreGoneOrReplacedEndEachPeersIncarnation(String deed) {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        b.supervisor.startChild(worker("d"));
        long ofC = lastToken("c");
        long ofD = lastToken("d");
        cluster.awaitRenewals(a, 3);
        cluster.awaitRenewals(b, 3);
        hand(deed);
        a.onEvent(
                DatabaseWentBack.class,
                event -> assertThat(event.contradiction()).isNotBlank());
        b.onEvent(
                DatabaseWentBack.class,
                event -> assertThat(event.contradiction()).isNotBlank());
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(a.peer.status().permitted()).isTrue();
            assertThat(b.peer.status().permitted()).isTrue();
        });
        patiently(() -> a.supervisor.startChild(worker("c")));
        patiently(() -> b.supervisor.startChild(worker("d")));
        awaitOneRun("c", ofC);
        awaitOneRun("d", ofD);
        assertSaidOnce(a, b);
    }

    @Test
    void aRowOfAChildThatShowsAnEarlierTokenEndsTheIncarnationOfItsOwner() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        long last = lastToken("c");
        hand("update mirrored_supervisor.child set fencing_token = fencing_token - 5");
        a.onEvent(
                DatabaseWentBack.class,
                event -> assertThat(event.contradiction()).contains("'c'"));
        awaitOneRun("c", last);
        assertSaidOnce(a);
    }

    @Test
    void sequencesThatAreSetBackTakeNothingBack() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        a.supervisor.startChild(worker("stays"));
        a.supervisor.removeChild("c");
        long last = lastToken("c");
        hand(
                "perform setval('mirrored_supervisor.fencing_token', 1)",
                "perform setval('mirrored_supervisor.join_order', 1)",
                "perform setval('mirrored_supervisor.start_order', 1)");
        StartResult started = a.supervisor.startChild(worker("c"));
        assertThat(started).isInstanceOf(StartResult.Started.class);
        assertThat(((StartResult.Started) started).child().fencingToken()).isGreaterThan(last);
        awaitOneRun("c", last);
        cluster.awaitRenewals(a, 11);
        assertThat(linesOfErrors()).isEmpty();
        assertThat(cluster.runners("stays")).as("no child is affected").containsExactly("a");
        assertThat(cluster.owners()).hasSize(2);
    }

    @Test
    void aSchemaThatIsDroppedAndMigratedAnewStartsAboveTheTokensOfTheLast() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        b.supervisor.startChild(worker("d"));
        long ofC = lastToken("c");
        hand("drop schema mirrored_supervisor cascade");
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(cluster.running("c")).isEmpty();
            assertThat(cluster.running("d")).isEmpty();
        });
        cluster.database().migrated();
        TestPeer fresh = cluster.start("fresh");
        fresh.supervisor.startChild(worker("c"));
        awaitOneRun("c", ofC);
        a.onEvent(DatabaseWentBack.class, event -> {});
        b.onEvent(DatabaseWentBack.class, event -> {});
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(fresh.supervisor.peers())
                        .extracting(peer -> peer.label())
                        .containsExactlyInAnyOrder("fresh", "a", "b"));
        assertSaidOnce(a, b);
    }

    @Test
    void aPeerWhoseSchemaIsGoneAnswersCallsWithATypeOfItsOwn() {
        TestPeer a = cluster.start("a");
        hand("drop schema mirrored_supervisor cascade");
        assertThat(catchThrowable(() -> a.supervisor.startChild(worker("c"))))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("mirrored_supervisor");
        cluster.database().migrated();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(a.peer.status().permitted()).isTrue());
    }
}
