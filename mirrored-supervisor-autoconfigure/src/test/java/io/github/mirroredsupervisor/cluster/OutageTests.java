package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.DedicatedPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What failures of the database do to live peers: P5, P6 and P8. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutageTests {

    private static final String END_SESSIONS = """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where application_name like 'mirrored-supervisor%' and pid <> pg_backend_pid()
            """;

    private final DedicatedPostgres server = new DedicatedPostgres();
    private TestCluster cluster = new TestCluster(server.database());

    @BeforeAll
    void migrate() {
        server.database().migrated();
    }

    @BeforeEach
    void newCluster() {
        server.database()
                .jdbc()
                .sql("truncate mirrored_supervisor.child, mirrored_supervisor.member, mirrored_supervisor.peer, "
                        + "mirrored_supervisor.supervision_group")
                .update();
        cluster = new TestCluster(server.database()).lease(Duration.ofSeconds(2));
    }

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @Test
    void p8TerminatingEverySessionMovesNothing() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        IntStream.range(0, 10).forEach(i -> a.supervisor.startChild(ChildSpec.of("c" + i, "worker")));
        for (int round = 0; round < 5; round++) {
            server.database().jdbc().sql(END_SESSIONS).query(Long.class).single();
            cluster.awaitRenewals(a, 3);
        }
        IntStream.range(0, 10).forEach(i -> assertThat(cluster.runners("c" + i)).containsExactly("a"));
        for (TestPeer peer : List.of(a, b)) {
            assertThat(peer.events(SupervisorEvent.PermissionLost.class)).isEmpty();
            assertThat(peer.events(SupervisorEvent.PeerDeclaredDead.class)).isEmpty();
        }
    }

    @Test
    void p8AFastRestartOfTheDatabaseMovesNothing() {
        cluster.lease(Duration.ofSeconds(6));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        IntStream.range(0, 5).forEach(i -> a.supervisor.startChild(ChildSpec.of("c" + i, "worker")));
        IntStream.range(5, 10)
                .forEach(i ->
                        a.supervisor.startChild(ChildSpec.of("c" + i, "worker").withTakeover(Takeover.IMMEDIATE)));
        await().atMost(TestCluster.PATIENCE).until(() -> waitsForALock() == 1);
        server.stopFast();
        server.start();
        cluster.awaitRenewals(a, 3);
        await().atMost(TestCluster.PATIENCE).until(() -> waitsForALock() == 1); // for the new peer
        // A session that ends later, because renewals have found another server, would look like a death.
        List<Map<String, Object>> listening = listening();
        await().atMost(TestCluster.PATIENCE).until(() -> !listening().equals(listening));
        assertThat(pids(listening())).isEqualTo(pids(listening)).hasSize(2);
        IntStream.range(0, 10).forEach(i -> assertThat(cluster.runners("c" + i)).containsExactly("a"));
        for (TestPeer peer : List.of(a, b)) {
            assertThat(peer.events(SupervisorEvent.PermissionLost.class)).isEmpty();
            assertThat(peer.events(SupervisorEvent.PeerDeclaredDead.class)).isEmpty();
        }
    }

    @Test
    void p5AnOutageStopsChildrenAndTheSameOwnersRunThemAgain() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("c", "worker"));
        b.supervisor.startChild(ChildSpec.of("d", "worker"));
        b.supervisor.startChild(ChildSpec.of("on", "worker").withOnOutage(OutagePolicy.CONTINUE));
        server.stopImmediate();
        a.onEvent(
                SupervisorEvent.PermissionLost.class, e -> assertThat(e.peer()).isEqualTo(a.supervisor.self()));
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(cluster.running("c")).isEmpty();
            assertThat(cluster.running("d")).isEmpty();
        });
        assertThat(cluster.running("on")).containsExactly("b");
        assertThatThrownBy(() -> a.supervisor.whichChildren()).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> a.supervisor.terminateChild("c")).isInstanceOf(StoreUnavailableException.class);
        server.start();
        cluster.awaitRunning("c", "a");
        cluster.awaitRunning("d", "b");
        assertThat(cluster.runners("on")).containsExactly("b");
        for (TestPeer peer : List.of(a, b)) {
            peer.onEvent(
                    SupervisorEvent.PermissionRegained.class,
                    e -> assertThat(e.after()).isPositive());
            assertThat(peer.events(SupervisorEvent.PeerDeclaredDead.class)).isEmpty();
            assertThat(peer.events(SupervisorEvent.PeerExpelled.class)).isEmpty();
        }
    }

    @Test
    void b43APeerThatDiesWhileTheDatabaseIsAwayIsSucceededWhenItIsBack() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("c", "worker"));
        b.supervisor.startChild(ChildSpec.of("d", "worker"));
        server.stopImmediate();
        a.kill();
        b.onEvent(
                SupervisorEvent.PermissionLost.class, e -> assertThat(e.peer()).isEqualTo(b.supervisor.self()));
        server.start();
        cluster.awaitRunning("c", "b");
        cluster.awaitRunning("d", "b");
        b.onEvent(
                SupervisorEvent.PeerDeclaredDead.class,
                e -> assertThat(e.peer()).isEqualTo(a.supervisor.self()));
    }

    @Test
    void p6APeerThatWasDeclaredDeadStopsItsChildrenAndJoinsAnew() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b", "completing"); // it takes over no child
        PeerId first = a.supervisor.self();
        a.supervisor.startChild(ChildSpec.of("c", "worker"));
        server.database()
                .jdbc()
                .sql("update mirrored_supervisor.peer set state = 'DEAD' where id = ?")
                .param(first.value())
                .update();
        a.onEvent(SupervisorEvent.PeerExpelled.class, e -> assertThat(e.peer()).isEqualTo(first));
        a.onEvent(SupervisorEvent.PeerJoined.class, e -> assertThat(e.peer()).isNotEqualTo(first));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running("c")).hasSize(1));
        assertThat(a.supervisor.self()).isNotEqualTo(first);
        assertThat(b.supervisor.whichChildren()).hasSize(1);
    }

    @Test
    void aRowLockOnThePeersRowStopsItsChildrenInTimeAndOnlyUntilItIsGone() throws Exception {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("c", "worker"));
        try (var admin = server.database().connect()) {
            admin.setAutoCommit(false);
            try (var lock = admin.prepareStatement("select 1 from mirrored_supervisor.peer where id = ? for update")) {
                lock.setObject(1, a.supervisor.self().value());
                lock.execute();
                await().atMost(TestCluster.PATIENCE)
                        .untilAsserted(() -> assertThat(cluster.running("c")).isEmpty());
            }
            admin.rollback();
        }
        cluster.awaitRunning("c", "a");
    }

    /** The listen sessions, and when each one last began a statement. */
    private List<Map<String, Object>> listening() {
        return server.database()
                .jdbc()
                .sql("select pid, query_start from pg_stat_activity"
                        + " where application_name like 'mirrored-supervisor listen %' order by pid")
                .query()
                .listOfRows();
    }

    private static List<Object> pids(List<Map<String, Object>> sessions) {
        return sessions.stream().map(session -> session.get("pid")).toList();
    }

    private long waitsForALock() {
        return server.database()
                .jdbc()
                .sql("select count(*) from pg_locks where locktype = 'advisory' and not granted")
                .query(Long.class)
                .single();
    }
}
