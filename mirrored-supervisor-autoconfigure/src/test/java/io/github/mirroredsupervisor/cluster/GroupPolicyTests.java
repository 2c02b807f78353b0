package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import io.github.mirroredsupervisor.InvalidChildSpecException.Reason;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.StartResult.AlreadyPresent;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnEmptyGroup;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnStartFailure;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to a group, or to one peer in it, when it exceeds its limits. */
class GroupPolicyTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    private static ChildSpec worker(String id) {
        return ChildSpec.of(id, "worker");
    }

    private static ChildSpec significant(String id, RestartType restart) {
        return ChildSpec.of(id, "until-open").withRestart(restart).withSignificant(true);
    }

    private static GroupPolicies policies(
            AutoShutdown shutdown, OnIntensityExceeded exceeded, @Nullable Duration restartAfter) {
        return new GroupPolicies(shutdown, exceeded, OnEmptyGroup.RECLAIM, OnStartFailure.RETRY, restartAfter);
    }

    private static GroupPolicies shuttingDown(AutoShutdown shutdown) {
        return policies(shutdown, OnIntensityExceeded.TERMINATE_GROUP, null);
    }

    @ParameterizedTest
    @EnumSource(names = {"TRANSIENT", "TEMPORARY"})
    void a51TheEndOfAnySignificantChildEndsTheGroupEverywhere(RestartType restart) {
        cluster.policies(shuttingDown(AutoShutdown.ANY_SIGNIFICANT));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(significant("one", restart));
        a.supervisor.startChild(significant("two", restart));
        b.supervisor.startChild(worker("other"));
        cluster.open("one");
        b.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("'one'"));
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(cluster.running("two")).isEmpty();
            assertThat(cluster.running("other")).isEmpty();
        });
    }

    @Test
    void a51WithAllSignificantTheLastOneOfTheGroupEndsIt() {
        cluster.policies(shuttingDown(AutoShutdown.ALL_SIGNIFICANT));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(significant("one", RestartType.TRANSIENT));
        b.supervisor.startChild(significant("two", RestartType.TRANSIENT));
        a.supervisor.startChild(worker("other"));
        cluster.open("one");
        a.onEvent(
                SupervisorEvent.ChildExited.class,
                e -> assertThat(e.child().childId()).isEqualTo("one"));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(b.supervisor.whichChildren())
                        .extracting(ChildInfo::id, ChildInfo::phase)
                        .contains(tuple("one", Phase.COMPLETED)));
        assertThat(a.events(SupervisorEvent.GroupTerminated.class)).isEmpty();
        assertThat(cluster.running("other")).containsExactly("a");
        cluster.open("two");
        a.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("'two'"));
    }

    @Test
    void a51TerminatingASignificantChildEndsNothing() {
        cluster.policies(shuttingDown(AutoShutdown.ANY_SIGNIFICANT));
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(significant("one", RestartType.TRANSIENT));
        a.supervisor.startChild(worker("other"));
        a.supervisor.terminateChild("one");
        a.supervisor.removeChild("one");
        assertThat(a.events(SupervisorEvent.GroupTerminated.class)).isEmpty();
        assertThat(cluster.running("other")).containsExactly("a");
    }

    @Test
    void a4ASignificantChildNeedsAGroupThatCanShutDown() {
        TestPeer a = cluster.start("a");
        assertThatThrownBy(() -> a.supervisor.startChild(significant("one", RestartType.TRANSIENT)))
                .isInstanceOfSatisfying(
                        InvalidChildSpecException.class,
                        e -> assertThat(e.violations().get(0).reason()).isEqualTo(Reason.BAD_COMBINATION));
        assertThat(a.supervisor.whichChildren()).isEmpty();
    }

    @Test
    void b47QuarantineNarrowsGroupDeathToTheChild() throws Exception {
        cluster.settings(Strategy.ONE_FOR_ONE, 1, Duration.ZERO)
                .policies(policies(AutoShutdown.NEVER, OnIntensityExceeded.QUARANTINE_CHILD, null));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("healthy"));
        a.supervisor.startChild(ChildSpec.of("poison", "crashing"));
        a.onEvent(
                SupervisorEvent.ChildQuarantined.class,
                e -> assertThat(e.child().childId()).isEqualTo("poison"));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(b.supervisor.whichChildren())
                        .filteredOn(child -> child.id().equals("poison"))
                        .singleElement()
                        .satisfies(child -> {
                            assertThat(child.phase()).isEqualTo(Phase.QUARANTINED);
                            assertThat(child.reason())
                                    .contains("more than 1 restarts")
                                    .contains("crash");
                        }));
        assertThat(cluster.running("healthy")).containsExactly("a");
        a.peer.stop().get();
        cluster.awaitRunning("healthy", "b");
        assertThat(cluster.runners("poison"))
                .as("it does not move through the cluster")
                .containsExactly("a", "a");
        assertThat(b.supervisor.startChild(ChildSpec.of("poison", "crashing")))
                .as("a start releases nothing")
                .isEqualTo(new AlreadyPresent("poison"));
        assertThat(b.supervisor.restartChild("poison")).isInstanceOf(Started.class);
        b.onEvent(
                SupervisorEvent.ChildQuarantined.class,
                e -> assertThat(e.child().owner().label()).isEqualTo("b"));
        assertThat(b.events(SupervisorEvent.GroupTerminated.class)).isEmpty();
        b.supervisor.removeChild("poison");
    }

    @Test
    void b50AGroupThatIsSetToComesBackByItself() {
        cluster.settings(Strategy.ONE_FOR_ONE, 0, Duration.ZERO)
                .policies(policies(AutoShutdown.NEVER, OnIntensityExceeded.TERMINATE_GROUP, Duration.ofMillis(300)));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        b.supervisor.startChild(worker("healthy"));
        a.supervisor.startChild(ChildSpec.of("poison", "crashing"));
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(b.events(SupervisorEvent.GroupRestarted.class)).hasSizeGreaterThanOrEqualTo(2);
            assertThat(cluster.runners("healthy")).hasSizeGreaterThanOrEqualTo(3);
        });
        await().atMost(TestCluster.PATIENCE).ignoreExceptions().untilAsserted(() -> {
            a.supervisor.removeChild("poison");
            assertThat(a.supervisor.whichChildren()).hasSize(1);
        });
        cluster.awaitRunning("healthy", "b");
    }

    @Test
    void b50AnAutomaticShutdownWasWantedAndIsNotUndone() {
        cluster.policies(
                policies(AutoShutdown.ANY_SIGNIFICANT, OnIntensityExceeded.TERMINATE_GROUP, Duration.ofMillis(1)));
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(significant("one", RestartType.TRANSIENT));
        cluster.open("one");
        a.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("'one'"));
        TestPeer b = cluster.start("b");
        b.onEvent(
                SupervisorEvent.GroupTerminated.class,
                e -> assertThat(e.reason()).contains("'one'"));
        assertThat(a.events(SupervisorEvent.GroupRestarted.class)).isEmpty();
        assertThat(b.events(SupervisorEvent.GroupRestarted.class)).isEmpty();
    }

    @Test
    void b7TheFirstMemberOfAnEmptyGroupReclaimsItsChildren() throws Exception {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("kept"));
        a.peer.stop().get();
        cluster.start("b");
        cluster.awaitRunning("kept", "b");
    }

    @Test
    void b7OrDeletesThemIfItIsToldTo() throws Exception {
        cluster.staticChildren(ChildSpec.of("declared", "declared"))
                .policies(new GroupPolicies(
                        AutoShutdown.NEVER,
                        OnIntensityExceeded.TERMINATE_GROUP,
                        OnEmptyGroup.RESET,
                        OnStartFailure.RETRY,
                        null));
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("dynamic"));
        a.supervisor.terminateChild("declared");
        TestPeer second = cluster.start("second");
        assertThat(second.supervisor.whichChildren())
                .as("it is not the first member, so it deletes nothing")
                .hasSize(2);
        second.peer.stop().get();
        a.peer.stop().get();
        TestPeer b = cluster.start("b");
        cluster.awaitRunning("declared", "b");
        assertThat(b.supervisor.whichChildren()).extracting(ChildInfo::id).containsExactly("declared");
    }

    @Test
    void a12b9b10WhenADeclaredChildFailsThePeerDoesNotStartAndNobodyElseNotices() throws Exception {
        cluster.policies(new GroupPolicies(
                        AutoShutdown.NEVER,
                        OnIntensityExceeded.TERMINATE_GROUP,
                        OnEmptyGroup.RECLAIM,
                        OnStartFailure.FAIL,
                        null))
                .staticChildren(
                        ChildSpec.of("first", "first"),
                        ChildSpec.of("bad", "bad-init"),
                        ChildSpec.of("never", "never"));
        assertThatThrownBy(() -> cluster.start("a"))
                .isInstanceOf(ChildStartException.class)
                .hasMessageContaining("no such feed")
                .hasMessageContaining("on-start-failure")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(cluster.runners("first")).containsExactly("a");
        assertThat(cluster.running("first")).isEmpty();
        assertThat(cluster.runners("never")).isEmpty();
        cluster.policies(GroupPolicies.DEFAULT);
        TestPeer b = cluster.start("b");
        cluster.awaitRunning("first", "b");
        cluster.awaitRunning("never", "b");
        assertThat(b.supervisor.whichChildren())
                .extracting(ChildInfo::id, child -> child.phase() == Phase.RUNNING)
                .containsExactly(tuple("first", true), tuple("bad", false), tuple("never", true));
    }

    @Test
    void b10AFailedStartOfOneMemberLeavesTheOthersAlone() {
        cluster.staticChildren(ChildSpec.of("first", "first"));
        TestPeer a = cluster.start("a", "first");
        cluster.awaitRunning("first", "a");
        cluster.policies(new GroupPolicies(
                        AutoShutdown.NEVER,
                        OnIntensityExceeded.TERMINATE_GROUP,
                        OnEmptyGroup.RECLAIM,
                        OnStartFailure.FAIL,
                        null))
                .staticChildren(ChildSpec.of("first", "first"), ChildSpec.of("bad", "bad-init"));
        assertThatThrownBy(() -> cluster.start("b")).isInstanceOf(ChildStartException.class);
        assertThat(cluster.runners("first")).containsExactly("a");
        assertThat(a.supervisor.whichChildren())
                .extracting(ChildInfo::id, ChildInfo::phase)
                .containsExactly(tuple("first", Phase.RUNNING), tuple("bad", Phase.UNPLACEABLE));
    }

    @Test
    void b9ByDefaultADeclaredChildThatFailsIsTriedAgainAndHarmsNobody() {
        cluster.staticChildren(ChildSpec.of("bad", "bad-init"), ChildSpec.of("good", "good"));
        TestPeer a = cluster.start("a");
        cluster.awaitRunning("good", "a");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.journal("bad")).hasSizeGreaterThanOrEqualTo(3));
        assertThat(a.supervisor.whichChildren())
                .extracting(ChildInfo::id, ChildInfo::phase)
                .containsExactly(tuple("bad", Phase.RESTARTING), tuple("good", Phase.RUNNING));
    }
}
