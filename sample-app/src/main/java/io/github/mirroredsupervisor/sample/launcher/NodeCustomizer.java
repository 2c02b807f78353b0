package io.github.mirroredsupervisor.sample.launcher;

import io.github.mirroredsupervisor.sample.SampleApplication;
import java.util.List;
import java.util.Map;

/** What is special about the nodes of a cluster: nothing, unless a bean of this type says so. */
public interface NodeCustomizer {

    /** The main class of every node. */
    default Class<?> mainClass() {
        return SampleApplication.class;
    }

    /** Spring's arguments for one node, which go before those for every node. */
    default List<String> properties(int node, DatabaseServer database) {
        return List.of();
    }

    /** Variables of the environment of one node. */
    default Map<String, String> environment(int node) {
        return Map.of();
    }
}
