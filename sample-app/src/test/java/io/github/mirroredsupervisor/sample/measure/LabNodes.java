package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.DatabaseServer;
import io.github.mirroredsupervisor.sample.cluster.NodeCustomizer;
import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.WallClock;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that can be measured and disturbed: with children that write all they do to the witness and, if requested, each
 * with its own proxy and clock.
 */
final class LabNodes implements NodeCustomizer {

    private final @Nullable NodeCustomizer routes;
    private final Map<Integer, WallClock> clocks;

    /**
     * @param routes how each node connects; null for as the database says
     * @param clocks the folder of their clocks; null if they use the machine's clock
     */
    LabNodes(int nodes, @Nullable NodeCustomizer routes, @Nullable Path clocks) {
        this.routes = routes;
        this.clocks = clocks == null
                ? Map.of()
                : IntStream.rangeClosed(1, nodes)
                        .boxed()
                        .collect(
                                Collectors.toMap(node -> node, node -> new WallClock(clocks.resolve("clock-" + node))));
    }

    @Override
    public List<String> properties(int node, DatabaseServer database) {
        return routes == null ? List.of() : routes.properties(node, database);
    }

    @Override
    public Map<String, String> environment(int node) {
        WallClock clock = clocks.get(node);
        return clock == null ? Map.of() : clock.environment();
    }

    WallClock clock(NodeProcess node) {
        return Objects.requireNonNull(clocks.get(node.number()), "its clock can be set");
    }
}
