package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.DedicatedPostgres;
import io.github.mirroredsupervisor.testing.RecordedLog;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A deployment that starts all its instances at once, with default settings. */
class MassStartTests {

    private static final int PEERS = 40;

    private final RecordedLog log = RecordedLog.of("io.github.mirroredsupervisor");

    @AfterEach
    void stopRecording() {
        log.close();
    }

    @Test
    void fortyPeersThatStartAtOnceAllJoin() {
        startAll(TestPostgres.migratedDatabase());
    }

    /** Three connections each would be more than PostgreSQL allows by default. */
    @Test
    void fortyPeersJoinAServerThatAllowsAHundredConnections() {
        try (DedicatedPostgres server = new DedicatedPostgres(100)) {
            startAll(server.database().migrated());
        }
    }

    private void startAll(Database database) {
        try (TestCluster cluster = new TestCluster(database)
                .lease(Duration.ofSeconds(3))
                .callTimeout(Duration.ofSeconds(30))
                .staticChildren(
                        ChildSpec.of("one", "one"), ChildSpec.of("two", "two"), ChildSpec.of("three", "three"))) {
            startAll(cluster);
            cluster.assertNoOverlaps();
        }
    }

    private void startAll(TestCluster cluster) {
        List<TestPeer> peers = IntStream.rangeClosed(1, PEERS)
                .mapToObj(number -> cluster.create("peer-" + number))
                .toList();
        long began = System.nanoTime();

        List<Background<Boolean>> starts = peers.stream()
                .map(peer -> Background.call(() -> {
                    peer.peer.start();
                    return true;
                }))
                .toList();

        assertThat(starts).allMatch(Background::result);
        long joined = System.nanoTime();
        for (String child : List.of("one", "two", "three")) {
            await().atMost(TestCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(cluster.running(child)).hasSize(1));
        }
        System.out.printf("%d peers joined in %d ms%n", PEERS, (joined - began) / 1_000_000);
        await().atMost(TestCluster.PATIENCE)
                .ignoreExceptions() // there may be no connection left for the test
                .untilAsserted(() -> assertThat(cluster.database()
                                .jdbc()
                                .sql("select state from mirrored_supervisor.peer")
                                .query(String.class)
                                .list())
                        .hasSize(PEERS)
                        .containsOnly("ALIVE"));
        assertThat(log.messages(Level.ERROR)).isEmpty();
    }
}
