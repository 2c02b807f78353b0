package io.github.mirroredsupervisor.sample.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the nodes of a cluster are started.
 *
 * @param mainClass the main class of the nodes
 * @param nodes how many
 * @param basePort the first node's port; the others follow
 * @param tenants how many tenants, and so how many children
 * @param spread whether each node starts its own share of the tenants first; otherwise only the first node starts any
 * @param properties Spring's arguments for every node
 */
public record ClusterSpec(
        Class<?> mainClass, int nodes, int basePort, int tenants, boolean spread, List<String> properties) {

    public ClusterSpec {
        properties = List.copyOf(properties);
    }

    List<String> nodeArguments(int number, int port, Path witness, Path temporary, List<String> database) {
        List<String> arguments = new ArrayList<>(List.of(
                "--role=node",
                "--server.port=" + port,
                "--mirrored-supervisor.label=node-" + number,
                "--node.number=" + (spread ? number : 1),
                "--node.of=" + (spread ? nodes : 1),
                "--node.tenants=" + (spread || number == 1 ? tenants : 0),
                "--node.witness-dir=" + witness,
                "--node.ends-with-parent=true",
                "--server.tomcat.basedir=" + temporary.resolve("tomcat-" + number),
                "--spring.datasource.hikari.data-source-properties.ApplicationName=outbox-relay node-" + number));
        arguments.addAll(database);
        arguments.addAll(properties);
        return List.copyOf(arguments);
    }
}
