package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.WallClock;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Takeover;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What can happen to the nodes' processes and their machine. Each method returns when the fault is over. Killed nodes
 * are starting by then.
 */
final class ProcessBlows {

    private static final int HOGS = 4;

    private final TestBed bed;
    private final Duration lease;

    ProcessBlows(TestBed bed) {
        this.bed = bed;
        this.lease = bed.profile().lease();
    }

    /** Returns the faults by which a process lost its children. */
    List<Fault> kill(NodeProcess node) {
        List<Fault> faults = lose(List.of(node), Duration.ZERO, NodeProcess::kill);
        restart(List.of(node));
        return faults;
    }

    /** Kills the second node while the first one's children wait for their adoption, or just after it. */
    List<Fault> killTwo(NodeProcess first, Strike strike) {
        NodeProcess second = strike.oneOf(
                bed.cluster().nodes().stream().filter(node -> node != first).toList());
        List<NodeProcess> victims = List.of(first, second);
        Duration between = strike.between(Duration.ZERO, lease.multipliedBy(13).dividedBy(10));
        List<Fault> faults = lose(victims, between, NodeProcess::kill);
        restart(victims);
        return faults;
    }

    void killAll() {
        bed.cluster().nodes().forEach(NodeProcess::kill);
        restart(bed.cluster().nodes());
    }

    List<Fault> stop(NodeProcess node) {
        List<Fault> faults = lose(List.of(node), Duration.ZERO, NodeProcess::stop);
        restart(List.of(node));
        return faults;
    }

    /** Pauses that are too short for a peer to notice. */
    void pauseShortly(NodeProcess node, Strike strike) {
        node.pause();
        bed.pass(strike.between(lease.dividedBy(10), lease.dividedBy(3)));
        node.resume();
    }

    /** Sets the node's wall clock wrong, and then right again. */
    void clock(NodeProcess node, Strike strike) {
        WallClock clock = bed.nodes().clock(node);
        clock.set(strike.oneOf(List.of(lease, lease.negated(), Duration.ofDays(1), Duration.ofDays(-1))));
        bed.pass(lease.multipliedBy(2));
        clock.set(Duration.ZERO);
        bed.pass(lease.multipliedBy(2));
    }

    /** Pauses the node across its deadline. */
    List<Fault> pause(NodeProcess node) {
        List<Fault> faults = lose(List.of(node), Duration.ZERO, NodeProcess::pause);
        if (faults.isEmpty()) {
            bed.pass(lease.multipliedBy(2));
        }
        node.resume();
        // The node then stops its children if they run elsewhere. Both are checked when all is at rest.
        bed.pass(bed.profile().renewInterval().multipliedBy(2));
        return faults;
    }

    /** Runs more busy processes than there are processors. */
    void hogs(Strike strike) {
        List<Process> hogs = new ArrayList<>();
        Duration length = strike.between(lease, lease.multipliedBy(3));
        try {
            for (int i = 0; i < HOGS; i++) {
                // It ends by itself if it is not ended before.
                hogs.add(new ProcessBuilder("timeout", "20", "sh", "-c", "while :; do :; done").start());
            }
            bed.pass(length);
        } catch (IOException e) {
            throw new MeasureException("Cannot keep the processors busy: " + e.getMessage());
        } finally {
            hogs.forEach(ProcessBlows::end);
        }
    }

    private static void end(Process hog) {
        hog.descendants().forEach(ProcessHandle::destroyForcibly);
        hog.destroyForcibly();
        try {
            hog.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A fault for one node. */
    @FunctionalInterface
    interface Blow {
        Fault to(NodeProcess node);
    }

    /** Waits until all that these nodes ran runs elsewhere. */
    List<Fault> lose(List<NodeProcess> nodes, Duration between, Blow blow) {
        Set<Long> owners = Set.copyOf(bed.owners().values());
        List<Fault> faults = new ArrayList<>();
        for (NodeProcess node : nodes) {
            if (!faults.isEmpty()) {
                bed.pass(between);
            }
            faults.add(blow.to(node));
        }
        faults.removeIf(fault -> !owners.contains(fault.pid()));
        for (Fault fault : faults) {
            bed.await(
                    "every child runs elsewhere after " + fault,
                    () -> bed.evidence()
                            .findTakeover(fault)
                            .map(Takeover::isComplete)
                            .orElse(true));
        }
        return faults;
    }

    /** Starts nodes that are dead or dying. */
    void restart(List<NodeProcess> nodes) {
        bed.await("the processes are gone", () -> nodes.stream().noneMatch(NodeProcess::isAlive));
        nodes.forEach(NodeProcess::start);
    }
}
