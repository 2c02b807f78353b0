package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.DatabaseServer;
import io.github.mirroredsupervisor.sample.cluster.NodeCustomizer;
import io.github.mirroredsupervisor.sample.cluster.PatroniCluster;
import io.github.mirroredsupervisor.sample.measure.MeasureOptions.Route;
import java.util.List;

/** How each node finds the primary. If the nodes ask the servers themselves, every other one asks the second first. */
final class PatroniRoutes implements NodeCustomizer {

    private final PatroniCluster database;
    private final Route route;

    PatroniRoutes(PatroniCluster database, Route route) {
        this.database = database;
        this.route = route;
    }

    @Override
    public List<String> properties(int node, DatabaseServer server) {
        return List.of("--spring.datasource.url="
                + switch (route) {
                    case HAPROXY -> database.getJdbcUrl();
                    case MULTI_HOST -> database.multiHostUrl(node - 1);
                });
    }
}
