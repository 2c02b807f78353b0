package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.reconcile.FailedStarts;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Semantics row B42: a child that cannot be started on one peer is tried on the others. */
class OfferedChildrenTests {

    private static final Duration DELAY = Duration.ofMillis(100);

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());
    private final Set<String> unable = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void declare() {
        cluster.settings(Strategy.ONE_FOR_ONE, 1, DELAY);
        cluster.type("picky", label -> cluster.reluctant(label, () -> unable.contains(label)));
        cluster.staticChildren(ChildSpec.of("c", "picky"));
    }

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    private long tries(String label) {
        return cluster.journal("c").stream()
                .filter(entry -> entry.peer().equals(label) && entry.what().equals("INIT"))
                .count();
    }

    @Test
    void b42WhatCannotBeStartedOnOnePeerIsStartedOnTheNext() {
        unable.add("a");
        cluster.start("a");
        cluster.start("b");
        cluster.start("c");
        cluster.awaitRunning("c", "b");
        assertThat(tries("a")).isGreaterThanOrEqualTo(FailedStarts.TRIES);
        assertThat(tries("c")).as("tries on a peer that was not needed").isZero();
    }

    @Test
    void b42TheOnlyPeerThatCanStartItIsFound() {
        unable.add("a");
        unable.add("b");
        cluster.start("a");
        cluster.start("b");
        cluster.start("c");
        cluster.awaitRunning("c", "c");
    }

    @Test
    void b42WhereNobodyCanStartItEachTriesAndAllWaitForLonger() {
        unable.addAll(Set.of("a", "b", "c"));
        TestPeer a = cluster.start("a");
        cluster.start("b");
        cluster.start("c");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(Stream.of("a", "b", "c").map(this::tries))
                        .allSatisfy(tries -> assertThat(tries).isGreaterThanOrEqualTo(FailedStarts.TRIES)));
        await().atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            ChildInfo info = a.supervisor.whichChildren().get(0);
            assertThat(info.lastExit()).isNotNull();
            assertThat(info.lastExit().kind()).isEqualTo(LastExit.Kind.START_FAILED);
            assertThat(info.lastExit().reason()).contains("not today");
            assertThat(info.nextRetry()).isNotNull();
            assertThat(Duration.between(Instant.now(), info.nextRetry())).isGreaterThan(DELAY.multipliedBy(2));
        });
        unable.clear();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running("c")).hasSize(1));
    }
}
