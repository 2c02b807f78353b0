package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.GroupInfo;
import io.github.mirroredsupervisor.GroupInfo.State;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.OwnerTimeoutException;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a supervisor reports about its group besides the children, and within which time. */
class GroupInfoTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    @Test
    void b47ADeadGroupSaysSoAndWhy() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO);
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        assertThat(b.supervisor.groupInfo()).isEqualTo(new GroupInfo(TestCluster.GROUP, State.ACTIVE, null, null));
        a.supervisor.startChild(ChildSpec.of("poison", "crashing"));
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            GroupInfo info = b.supervisor.groupInfo();
            assertThat(info.state()).isEqualTo(State.TERMINATED);
            assertThat(info.reason()).contains("poison");
            assertThat(info.since()).isNotNull();
        });
        GroupInfo death = b.supervisor.groupInfo();
        b.supervisor.restartGroup();
        // The child may have ended the revived group already.
        assertThat(a.supervisor.groupInfo())
                .satisfiesAnyOf(
                        info -> assertThat(info.state()).isEqualTo(State.ACTIVE),
                        info -> assertThat(info.since()).isAfter(death.since()));
        a.supervisor.removeChild("poison");
    }

    @Test
    void aChildThatDeclinedIsToldFromOneThatIsComplete() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("declined", "ignoring"));
        a.supervisor.startChild(ChildSpec.of("complete", "completing").withRestart(RestartType.TRANSIENT));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(a.supervisor.whichChildren())
                        .extracting(ChildInfo::phase)
                        .containsOnly(io.github.mirroredsupervisor.Phase.COMPLETED));
        assertThat(a.supervisor.whichChildren())
                .extracting(ChildInfo::id, ChildInfo::declined, ChildInfo::reason)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("declined", true, "its init declined the start"),
                        org.assertj.core.groups.Tuple.tuple("complete", false, null));
    }

    @Test
    void peersAreNamedAsCallsTakeThem() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        assertThat(a.supervisor.peers())
                .extracting(io.github.mirroredsupervisor.PeerInfo::id)
                .containsExactly(a.supervisor.self(), b.supervisor.self());
        b.supervisor.moveChild("c", b.supervisor.peers().get(1).id());
        assertThat(a.supervisor.whichChildren().get(0).owner().id()).isEqualTo(b.supervisor.self());
    }

    @Test
    void aCallMayHaveATimeOutOfItsOwn() {
        cluster.callTimeout(Duration.ofMinutes(5));
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("g", "gated").withShutdown(new Shutdown.Infinity()));
        MirroredSupervisor hasty = a.supervisor.withCallTimeout(Duration.ofMillis(500));
        assertThatThrownBy(() -> hasty.terminateChild("g"))
                .isInstanceOf(OwnerTimeoutException.class)
                .hasMessageContaining("PT0.5S");
        cluster.open("g");
        a.supervisor.terminateChild("g");
        assertThat(a.supervisor
                        .withCallTimeout(Duration.ofSeconds(Long.MAX_VALUE))
                        .startChild(worker("c")))
                .isNotNull();
        assertThat(hasty.group()).isEqualTo(TestCluster.GROUP);
        assertThat(hasty.self()).isEqualTo(a.supervisor.self());
        for (Duration none : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
            assertThatThrownBy(() -> a.supervisor.withCallTimeout(none)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> a.supervisor.withCallTimeout(null)).isInstanceOf(NullPointerException.class);
    }
}
