package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.NodeStateException;
import io.github.mirroredsupervisor.sample.proxy.Tripwire;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Kills the first of some nodes that makes so many requests to the database from now on, until it is closed. For one
 * thread; the proxies' threads do the killing.
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
     * One that is not laid yet.
     *
     * @param nodes for whom
     * @param names at which of their connections
     * @param most the request is drawn, from the first to this one; whether it still reaches the server is drawn, too
     */
    Ambush(TestBed bed, List<NodeProcess> nodes, Predicate<String> names, Strike strike, int most) {
        this.bed = bed;
        this.nodes = nodes;
        this.names = names;
        this.nth = 1 + strike.choice() % most;
        this.delivers = strike.length() < 0.5;
    }

    /** The requests count from now on. */
    void lay() {
        nodes.forEach(node -> bed.routes().proxy(node).arm(new Tripwire(names, nth, delivers, () -> spring(node))));
    }

    private synchronized void spring(NodeProcess node) {
        if (!over) {
            over = true;
            try {
                fault = node.kill();
            } catch (NodeStateException e) {
                // It was dead already: its last words were on their way.
            }
        }
    }

    /** The death of the one that fell; null as long as none did. */
    @Nullable
    Fault fault() {
        return fault;
    }

    /** The ones that fell, one at most; after it was closed nobody else does. */
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
