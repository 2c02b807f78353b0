package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.MirroredSupervisorException;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.lease.LeaseTimings;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Members die, stop and join at random, while children of every kind come and go: each child that should run runs once,
 * and none that has ended runs again.
 */
class RandomFailoversTests {

    private static final int FAILOVERS = 50;
    private static final int MEMBERS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final long seed = Long.getLong("mirrored-supervisor.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final TestCluster cluster =
            new TestCluster(TestPostgres.migratedDatabase()).lease(LeaseTimings.SHORTEST_LEASE);
    private final List<TestPeer> members = new ArrayList<>();
    private final List<TestPeer> dead = new ArrayList<>();

    /** Ids of children that should run. */
    private final List<String> wanted = new ArrayList<>();

    /** Ids of children that were terminated; only a call may start them again. */
    private final List<String> terminated = new ArrayList<>();

    private final List<String> temporary = new ArrayList<>();

    /** How often each ended child has run. */
    private final Map<String, Integer> over = new HashMap<>();

    private int created;
    private int joined;

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @Test
    void b31b32b34b44OnlyWhatShouldRunComesBackThroughFiftyFailovers() {
        System.out.printf("seed %d (-Dmirrored-supervisor.test.seed)%n", seed);
        long began = System.nanoTime();
        cluster.staticChildren(
                worker("static"),
                worker("static-terminated"),
                ChildSpec.of("static-completed", "completing").withRestart(RestartType.TRANSIENT));
        refill();
        awaitRunning("static-terminated");
        call(s -> s.terminateChild("static-terminated"));
        isOver("static-terminated");
        awaitPhase("static-completed", Phase.COMPLETED);
        isOver("static-completed");
        wanted.add("static");
        for (int failover = 1; failover <= FAILOVERS; failover++) {
            change();
            change();
            loseOne();
            if (members.size() == 1 || random.nextBoolean()) {
                refill();
            }
            assertThatOnlyWhatShouldRunRuns("failover " + failover + " of seed " + seed);
            bury();
        }
        cluster.awaitRenewals(members.get(0), 11);
        assertThatOnlyWhatShouldRunRuns("the end of seed " + seed);
        System.out.printf(
                "%d failovers with %d children in %d s%n",
                FAILOVERS, created + 3, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    }

    // ---- members

    private void refill() {
        while (members.size() < MEMBERS) {
            members.add(cluster.start("member-" + ++joined));
        }
    }

    private void loseOne() {
        TestPeer lost = members.remove(random.nextInt(members.size()));
        if (random.nextBoolean()) {
            lost.kill();
            dead.add(lost);
        } else {
            lost.peer.stop().join();
        }
    }

    /** The threads of killed peers. */
    private void bury() {
        dead.forEach(peer -> peer.peer.stop());
        dead.clear();
    }

    // ---- children

    private void change() {
        switch (wanted.size() < 4 ? 0 : random.nextInt(wanted.size() > 8 ? 7 : 8)) {
            case 0, 7 -> {
                String id = create(worker(newId()).withRestart(either(RestartType.PERMANENT, RestartType.TRANSIENT)));
                wanted.add(id);
            }
            case 1 -> {
                String id = create(ChildSpec.of(newId(), "completing").withRestart(RestartType.TRANSIENT));
                awaitPhase(id, Phase.COMPLETED);
                isOver(id);
            }
            case 2 -> createOnce(worker(newId()).withRestart(RestartType.TEMPORARY));
            case 3 -> createOnce(ChildSpec.of(newId(), "completing").withRestart(RestartType.TEMPORARY));
            case 4 -> {
                String id = takeDynamic();
                call(s -> s.terminateChild(id));
                terminated.add(id);
                isOver(id);
            }
            case 5 -> {
                String id = takeDynamic();
                call(s -> s.removeChild(id));
                isOver(id);
            }
            default -> {
                if (!terminated.isEmpty()) {
                    String id = terminated.remove(random.nextInt(terminated.size()));
                    over.remove(id);
                    call(s -> s.ensureChild(worker(id)));
                    wanted.add(id);
                }
            }
        }
    }

    private RestartType either(RestartType one, RestartType other) {
        return random.nextBoolean() ? one : other;
    }

    private String newId() {
        return "child-" + ++created;
    }

    private String create(ChildSpec spec) {
        call(s -> s.startChild(spec));
        return spec.id();
    }

    /** A call that failed may still have started it, so it is not repeated. */
    private void createOnce(ChildSpec spec) {
        temporary.add(spec.id());
        try {
            members.get(random.nextInt(members.size())).supervisor.startChild(spec);
        } catch (MirroredSupervisorException e) {
            System.out.printf("%s was not started: %s%n", spec.id(), e.getMessage());
        }
    }

    private String takeDynamic() {
        return wanted.remove(1 + random.nextInt(wanted.size() - 1)); // the first is static
    }

    private void isOver(String id) {
        over.put(id, cluster.runners(id).size());
    }

    /**
     * Calls any member. Repeats the call if that member has just lost its permission, as may happen on a busy machine.
     */
    private void call(Consumer<MirroredSupervisor> call) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(MirroredSupervisorException.class)
                .until(() -> {
                    call.accept(members.get(random.nextInt(members.size())).supervisor);
                    return true;
                });
    }

    private void awaitRunning(String id) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running(id)).hasSize(1));
    }

    private void awaitPhase(String id, Phase phase) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(MirroredSupervisorException.class)
                .untilAsserted(() -> assertThat(members.get(0).supervisor.whichChildren())
                        .filteredOn(child -> child.id().equals(id))
                        .extracting(child -> child.phase())
                        .containsExactly(phase));
    }

    private void assertThatOnlyWhatShouldRunRuns(String when) {
        List<String> labels = members.stream().map(member -> member.label).toList();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(wanted)
                        .as(when)
                        .allSatisfy(
                                id -> assertThat(cluster.running(id)).hasSize(1).isSubsetOf(labels)));
        over.forEach((id, runs) ->
                assertThat(cluster.runners(id)).as("%s: runs of %s", when, id).hasSize(runs));
        temporary.forEach(id -> assertThat(cluster.runners(id).size())
                .as("%s: runs of temporary %s", when, id)
                .isLessThanOrEqualTo(1));
    }
}
