package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.NodeState;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Processes that die at a statement: just before it reaches the server, or just after. Each method returns when the
 * fault is over. Killed nodes are starting by then.
 */
final class StatementBlows {

    private static final int RENEWING = 8;
    private static final int ADOPTING = 8;
    private static final int LEAVING = 10;
    private static final int STARTING = 30;

    private final TestBed bed;
    private final ProcessBlows processes;
    private int kills;

    StatementBlows(TestBed bed, ProcessBlows processes) {
        this.bed = bed;
        this.processes = processes;
    }

    /** How many processes died at a statement so far. */
    int kills() {
        return kills;
    }

    /** Kills a node at any of its statements. */
    List<Fault> kill(NodeProcess node, Strike strike) {
        List<Fault> faults = processes.lose(List.of(node), Duration.ZERO, victim -> {
            try (Ambush ambush = new Ambush(bed, List.of(victim), ProxiedRoutes.OF_LIBRARY, strike, RENEWING)) {
                ambush.lay();
                bed.await("it dies at a statement", () -> ambush.fault() != null);
                return Objects.requireNonNull(ambush.fault(), "it was just seen");
            }
        });
        kills++;
        processes.restart(List.of(node));
        return faults;
    }

    /** Kills the owner, and then the first other node that reaches the drawn request of the adoption. */
    List<Fault> killAdopting(NodeProcess owner, Strike strike) {
        List<NodeProcess> others =
                bed.cluster().nodes().stream().filter(node -> node != owner).toList();
        Ambush ambush = new Ambush(bed, others, ProxiedRoutes.ofKind("work"), strike, ADOPTING);
        List<Fault> faults;
        try (ambush) {
            faults = processes.lose(List.of(owner), Duration.ZERO, node -> {
                Fault fault = node.kill();
                ambush.lay();
                return fault;
            });
        }
        kills += ambush.fallen().size();
        processes.restart(
                Stream.concat(Stream.of(owner), ambush.fallen().stream()).toList());
        return faults;
    }

    void killLeaving(NodeProcess node, Strike strike) {
        Ambush ambush = new Ambush(bed, List.of(node), ProxiedRoutes.OF_LIBRARY, strike, LEAVING);
        try (ambush) {
            ambush.lay();
            node.stop();
            bed.await("it leaves, or dies of it", () -> !node.isAlive());
        }
        kills += ambush.fallen().size();
        processes.restart(List.of(node));
    }

    /** Kills a node, and kills it again while it starts. */
    List<Fault> killStarting(NodeProcess node, Strike strike) {
        List<Fault> faults = processes.lose(List.of(node), Duration.ZERO, NodeProcess::kill);
        bed.await("it is gone", () -> !node.isAlive());
        Ambush ambush = new Ambush(bed, List.of(node), ProxiedRoutes.OF_LIBRARY, strike, STARTING);
        try (ambush) {
            ambush.lay();
            node.start();
            bed.await(
                    "it starts, or dies of it",
                    () -> ambush.fault() != null || !node.isAlive() || node.state() == NodeState.RUNNING);
        }
        kills += ambush.fallen().size();
        processes.restart(ambush.fallen());
        return faults;
    }
}
