package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerInfo;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Members that join: what they add, and what they find. Methods are named after the semantics rows they check. */
class MembershipTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @Test
    void b5ASecondMemberOfAGroupInOneProcessIsRefusedAndAStartedPeerIsNotStartedAgain() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        PeerId before = a.supervisor.self();
        a.peer.start();
        assertThat(a.supervisor.self()).isEqualTo(before);
        cluster.alsoIn(TestCluster.GROUP);
        assertThatThrownBy(() -> cluster.start("b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'orders' is defined twice");
        assertThat(cluster.runners("c")).containsExactly("a");
        assertThat(cluster.running("c")).containsExactly("a");
        assertThat(a.supervisor.peers()).hasSize(1);
    }

    @Test
    void b6ANewMemberSeesAndReachesWhatIsThere() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        TestPeer b = cluster.start("b");
        assertThat(b.supervisor.peers()).extracting(PeerInfo::label).containsExactly("a", "b");
        assertThat(b.supervisor.whichChildren())
                .extracting(ChildInfo::id, ChildInfo::phase)
                .containsExactly(tuple("c", Phase.RUNNING));
        b.supervisor.terminateChild("c");
        assertThat(cluster.running("c")).isEmpty();
    }

    @Test
    void b7TheFirstMemberOfAnEmptyGroupReclaimsWhatIsThere() {
        cluster.staticChildren(ChildSpec.of("s", "s"));
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("dynamic"));
        a.supervisor.startChild(worker("stopped"));
        a.supervisor.terminateChild("stopped");
        a.peer.stop().join();
        TestPeer b = cluster.start("b");
        cluster.awaitRunning("s", "b");
        cluster.awaitRunning("dynamic", "b");
        b.kill();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running("dynamic")).isEmpty());
        TestPeer c = cluster.start("c");
        cluster.awaitRunning("s", "c");
        cluster.awaitRunning("dynamic", "c");
        assertThat(cluster.runners("stopped")).containsExactly("a");
        assertThat(c.supervisor.whichChildren()).extracting(ChildInfo::id).containsExactly("s", "dynamic", "stopped");
    }

    @Test
    void b8StaticChildrenRunOnceWhateverTheNumberOfPeersAndMayBeStopped() {
        cluster.staticChildren(ChildSpec.of("z-first", "z-first"), ChildSpec.of("a-second", "a-second"));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        cluster.awaitRunning("z-first", "a");
        cluster.awaitRunning("a-second", "a");
        assertThat(b.supervisor.whichChildren()).extracting(ChildInfo::id).containsExactly("z-first", "a-second");
        assertThat(cluster.runners("z-first")).hasSize(1);
        b.supervisor.terminateChild("a-second");
        TestPeer c = cluster.start("c");
        a.peer.stop().join();
        cluster.awaitRunning("z-first", "b");
        cluster.awaitRenewals(c, 11);
        assertThat(cluster.runners("a-second")).containsExactly("a");
        assertThat(c.supervisor.whichChildren()).hasSize(2);
    }

    @Test
    void a20a21DeclaredChildrenThatEndRunOnceInTheLifeOfTheirGroup() {
        cluster.staticChildren(
                ChildSpec.of("transient", "completing").withRestart(RestartType.TRANSIENT),
                ChildSpec.of("temporary", "completing").withRestart(RestartType.TEMPORARY));
        TestPeer a = cluster.start("a");
        awaitRunners("transient", "a");
        awaitRunners("temporary", "a");
        TestPeer b = cluster.start("b");
        a.peer.stop().join();
        TestPeer c = cluster.start("c");
        cluster.awaitRenewals(c, 11);
        assertThat(cluster.runners("transient")).containsExactly("a");
        assertThat(cluster.runners("temporary")).containsExactly("a");
        b.peer.stop().join();
        c.peer.stop().join();
        cluster.start("d");
        awaitRunners("transient", "a", "d");
        awaitRunners("temporary", "a", "d");
    }

    private void awaitRunners(String id, String... labels) {
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners(id)).containsExactly(labels));
    }

    @Test
    void b11AMemberWithOtherFlagsTakesThoseOfTheGroup() {
        TestPeer a = cluster.start("a");
        cluster.settings(Strategy.ONE_FOR_ALL, 0, Duration.ofMillis(200));
        TestPeer b = cluster.start("b");
        b.supervisor.startChild(worker("sibling"));
        b.supervisor.startChild(ChildSpec.of("c", "crashing"));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("c")).hasSizeGreaterThan(2));
        assertThat(cluster.runners("sibling"))
                .as("a restart stops no sibling: the group is one-for-one")
                .containsExactly("b");
        b.supervisor.removeChild("c");
        a.peer.stop().join();
        b.peer.stop().join();
        cluster.start("c");
        assertThat(strategy())
                .as("the first member of an empty group brings its own settings")
                .isEqualTo("ONE_FOR_ALL");
    }

    private String strategy() {
        return cluster.database()
                .jdbc()
                .sql("select strategy from mirrored_supervisor.supervision_group")
                .query(String.class)
                .single();
    }

    @Test
    void a16AStaticChildTakesItsOwnersDefinitionAtItsNextStart() throws Exception {
        cluster.staticChildren(ChildSpec.of("s", "s"));
        TestPeer a = cluster.start("a");
        cluster.awaitRunning("s", "a");
        ChildSpec newer = ChildSpec.of("s", "s").withShutdown(new Shutdown.Timeout(Duration.ofSeconds(1)));
        cluster.staticChildren(newer);
        TestPeer b = cluster.start("b");
        assertThat(b.supervisor.childSpec("s")).contains(ChildSpec.of("s", "s"));
        a.peer.stop().get();
        cluster.awaitRunning("s", "b");
        assertThat(b.supervisor.childSpec("s")).contains(newer);
    }

    @Test
    void aPeerThatIsStartedAgainJoinsUnderANewId() throws Exception {
        TestPeer a = cluster.start("a");
        PeerId first = a.supervisor.self();
        a.supervisor.startChild(worker("c"));
        a.peer.stop().get();
        a.peer.start();
        assertThat(a.supervisor.self()).isNotEqualTo(first);
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("c")).hasSize(2));
        assertThat(a.supervisor.peers()).extracting(PeerInfo::id).containsExactly(a.supervisor.self());
    }

    @Test
    void aMemberWhoseRowsAreGoneJoinsAnew() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        PeerId first = a.supervisor.self();
        cluster.database().jdbc().sql("delete from mirrored_supervisor.member").update();
        a.onEvent(SupervisorEvent.PeerJoined.class, e -> assertThat(e.peer()).isNotEqualTo(first));
        cluster.awaitRenewals(a, 1);
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("c")).hasSize(2));
    }
}
