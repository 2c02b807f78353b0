package io.github.mirroredsupervisor.sample.launcher;

import java.util.List;

/** How each node reaches the database, where that is not the same for all. */
@FunctionalInterface
public interface NodeRoutes {

    /** Spring's arguments for one node, which go before those for every node. */
    List<String> properties(int node, DatabaseServer database);
}
