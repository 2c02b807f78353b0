package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.NodeStateException;
import io.github.mirroredsupervisor.sample.proxy.Tripwire;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Kills the first of the given nodes that sends the drawn number of requests to the database, until this is closed. For
 * one thread; the proxies' threads do the killing.
 */
final class Ambush implements AutoCloseable {

    private final TestBed bed;
    private final List<NodeProcess> nodes;
    private final Predicate<String> names;
    private final int nth;
    private final boolean delivers;

    /** Guarded by this. */
    private boolean over;

    private volatile @Nullable Fault fault;

    /**
     * Creates an ambush; {@link #lay} starts it.
     *
     * @param nodes the nodes that may be killed
     * @param names the names of the connections whose requests count
     * @param most the number of the request is drawn from 1 to this; whether the request still reaches the server is
     *     drawn too
     */
    Ambush(TestBed bed, List<NodeProcess> nodes, Predicate<String> names, Strike strike, int most) {
        this.bed = bed;
        this.nodes = nodes;
        this.names = names;
        this.nth = 1 + strike.choice() % most;
        this.delivers = strike.length() < 0.5;
    }

    /** Counts requests from now on. */
    void lay() {
        nodes.forEach(node -> bed.routes().proxy(node).arm(new Tripwire(names, nth, delivers, () -> spring(node))));
    }

    private synchronized void spring(NodeProcess node) {
        if (!over) {
            over = true;
            try {
                fault = node.kill();
            } catch (NodeStateException e) {
                // It was dead already; its last request was still in transit.
            }
        }
    }

    /** The death of the node that was killed; null while there is none. */
    @Nullable
    Fault fault() {
        return fault;
    }

    /** The nodes that were killed: one at most. None is killed after this was closed. */
    List<NodeProcess> fallen() {
        Fault death = fault;
        return nodes.stream()
                .filter(node -> death != null && node.name().equals(death.node()))
                .toList();
    }

    @Override
    public synchronized void close() {
        over = true;
        nodes.forEach(node -> bed.routes().proxy(node).disarm());
    }
}
