package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.ownership.UndeclaredChildren;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnEmptyGroup;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnStartFailure;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnUndeclared;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.testing.ConcurrentTest;
import io.github.mirroredsupervisor.testing.TestPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Declared children that a new version no longer declares, with instances of both versions. */
class UndeclaredTests {

    /** More than twice the number of leases for which a child must be undeclared. */
    private static final int LONG = 2 * 5 * UndeclaredChildren.LEASES + 20;

    private static final String KEPT = "No live member declares these children of group 'orders' any more";

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    private static GroupPolicies policies(OnUndeclared onUndeclared) {
        return new GroupPolicies(
                AutoShutdown.NEVER,
                OnIntensityExceeded.TERMINATE_GROUP,
                OnEmptyGroup.RECLAIM,
                OnStartFailure.RETRY,
                onUndeclared,
                null);
    }

    private TestPeer old(String label) {
        cluster.staticChildren(ChildSpec.of("gone", "gone"), ChildSpec.of("stays", "stays"), worker("unlisted"));
        return cluster.start(label);
    }

    private TestPeer young(String label) {
        cluster.staticChildren(ChildSpec.of("stays", "stays"));
        return cluster.start(label);
    }

    private static void assertOnlyDeclared(TestPeer peer) {
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(peer.supervisor.whichChildren())
                        .extracting(ChildInfo::id)
                        .containsExactly("stays", "dynamic"));
    }

    @ConcurrentTest
    void b33WhatLeftTheCodeIsRemovedWhenNoLiveMemberDeclaresItAndComesBackWithIt() {
        cluster.policies(policies(OnUndeclared.REMOVE));
        TestPeer a = old("a");
        cluster.awaitRunning("gone", "a");
        TestPeer b = young("b");
        b.supervisor.startChild(worker("dynamic"));
        cluster.awaitRenewals(b, LONG); // in the middle of a rolling deploy
        assertThat(b.supervisor.whichChildren())
                .extracting(ChildInfo::id, ChildInfo::phase)
                .containsExactly(
                        tuple("gone", Phase.RUNNING),
                        tuple("stays", Phase.RUNNING),
                        tuple("unlisted", Phase.RUNNING),
                        tuple("dynamic", Phase.RUNNING));
        a.peer.stop().join();
        cluster.awaitRunning("unlisted", "b"); // its type is known, so it is adopted first
        assertOnlyDeclared(b);
        assertThat(cluster.running("unlisted")).isEmpty();
        assertThat(cluster.runners("gone")).containsExactly("a");
        old("c");
        cluster.awaitRunning("gone", "c");
        assertThat(cluster.runners("unlisted")).hasSizeGreaterThan(2);
    }

    @ConcurrentTest
    void b33AnInstanceOfTheFormerCodeThatDiesAndIsBackSoonKeepsItsChildren() {
        cluster.policies(policies(OnUndeclared.REMOVE));
        TestPeer a = old("a");
        cluster.awaitRunning("gone", "a");
        TestPeer b = young("b");
        a.supervisor.terminateChild("gone");
        a.kill();
        cluster.awaitRunning("unlisted", "b");
        old("c");
        cluster.awaitRenewals(b, LONG);
        assertThat(b.supervisor.whichChildren())
                .extracting(ChildInfo::id, ChildInfo::phase)
                .contains(tuple("gone", Phase.STOPPED), tuple("unlisted", Phase.RUNNING));
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void b33ByDefaultItIsKeptAndOneLineOfAllPeersSaysHowToRemoveIt(CapturedOutput output) {
        TestPeer a = old("a");
        cluster.awaitRunning("gone", "a");
        TestPeer b = young("b");
        young("c");
        b.supervisor.startChild(worker("dynamic"));
        assertThat(output).doesNotContain(KEPT);
        a.peer.stop().join();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(output).contains(KEPT + ", and they are kept: [gone, unlisted]"));
        cluster.awaitRenewals(b, LONG);
        assertThat(output.toString().split(KEPT, -1)).hasSize(2);
        assertThat(b.supervisor.whichChildren())
                .extracting(ChildInfo::id, ChildInfo::phase)
                .contains(tuple("gone", Phase.UNPLACEABLE), tuple("unlisted", Phase.RUNNING));
        b.supervisor.deleteChild("gone");
        b.supervisor.removeChild("unlisted");
        assertOnlyDeclared(b);
    }
}
