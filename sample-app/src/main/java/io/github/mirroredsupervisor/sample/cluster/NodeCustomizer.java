package io.github.mirroredsupervisor.sample.cluster;

import java.util.List;
import java.util.Map;

/** What differs from node to node: nothing by default. */
public interface NodeCustomizer {

    /** Spring's arguments for one node, which go before those for every node. */
    default List<String> properties(int node, DatabaseServer database) {
        return List.of();
    }

    /** Variables of the environment of one node. */
    default Map<String, String> environment(int node) {
        return Map.of();
    }
}
