package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.SupervisorEvent.ChildQuarantined;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A child that kills its owners. Here their connections are cut; the sample application's tests halt real processes.
 */
class PoisonTests {

    private static final int MOST = 2;

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase()).maxCrashes(MOST);
    private final Map<String, TestPeer> peers = new ConcurrentHashMap<>();
    private final Set<String> killed = ConcurrentHashMap.newKeySet();
    private final TestPeer observer;
    private volatile boolean poisonous = true;

    PoisonTests() {
        cluster.type("poison", label -> context -> {
            cluster.note(label, context, "BEGIN");
            if (poisonous) {
                killed.add(label);
                on(label).kill();
            }
            context.sleep(Duration.ofMinutes(1));
            cluster.note(label, context, "END");
        });
        Stream.of("a", "b", "c").forEach(label -> peers.put(label, cluster.start(label)));
        observer = cluster.start("observer", "worker");
    }

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @Test
    void isQuarantinedWithItsReasonAndTheOthersRunOn() {
        List<String> workers = List.of("w0", "w1", "w2", "w3", "w4");
        workers.forEach(id -> on("a").supervisor.startChild(worker(id)));
        cluster.awaitRenewals(on("a"), 6); // more than a lease
        startPoison();

        ChildInfo poison = awaitQuarantine();
        assertThat(cluster.runners("p")).hasSize(MOST);
        assertThat(poison.reason()).contains("2 processes");
        assertThat(peers.values().stream().flatMap(peer -> peer.events(ChildQuarantined.class).stream()))
                .singleElement()
                .satisfies(e -> assertThat(e.child().childId()).isEqualTo("p"));
        workers.forEach(this::awaitRunningOnASurvivor);
        workers.forEach(id -> assertThat(info(id).phase()).isEqualTo(Phase.RUNNING));
    }

    @Test
    void isReleasedByARestart() {
        startPoison();
        awaitQuarantine();
        poisonous = false;
        assertThat(observer.supervisor.restartChild("p")).isInstanceOf(Started.class);
        awaitRunningOnASurvivor("p");
        assertThat(info("p").reason()).isNull();
    }

    @Test
    void innocentChildrenThatStartedTogetherWithItAreTriedOneByOneAndRun() {
        startPoison("w0", "w1", "w2");

        awaitQuarantine();
        assertThat(cluster.runners("p")).hasSize(MOST);
        List.of("w0", "w1", "w2").forEach(this::awaitRunningOnASurvivor);
    }

    @Test
    void aStartFromElsewhereNeitherTakesASuspectNorReleasesIt() {
        startPoison();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(info("p").phase()).isEqualTo(Phase.ORPHANED));
        Background.call(() -> on("b").supervisor.startChild(ChildSpec.of("p", "poison")));
        awaitQuarantine();
        assertThat(cluster.runners("p")).hasSize(MOST);
        assertThat(killed).hasSize(MOST);
    }

    private void awaitRunningOnASurvivor(String id) {
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running(id))
                        .singleElement()
                        .satisfies(label -> assertThat(killed).doesNotContain(label)));
    }

    private TestPeer on(String label) {
        return Objects.requireNonNull(peers.get(label));
    }

    /**
     * Starts the child after any others on the first peer, which does not survive the call. The caller waits in vain,
     * because its own peer is dead.
     */
    private void startPoison(String... others) {
        on("a").supervisor.startChild(worker("x")); // loads the classes that a start needs
        Stream.of(others).forEach(id -> on("a").supervisor.startChild(worker(id)));
        Background.call(() -> on("a").supervisor.startChild(ChildSpec.of("p", "poison")));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("p")).isNotEmpty());
    }

    private ChildInfo awaitQuarantine() {
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(info("p").phase()).isEqualTo(Phase.QUARANTINED));
        return info("p");
    }

    private ChildInfo info(String id) {
        return observer.supervisor.whichChildren().stream()
                .filter(child -> child.id().equals(id))
                .findFirst()
                .orElseThrow();
    }
}
