package io.github.mirroredsupervisor.sample.launcher;

import io.github.mirroredsupervisor.sample.cluster.ClusterSpec;
import io.github.mirroredsupervisor.sample.orders.OrderSettings;
import java.util.List;
import java.util.Set;

/**
 * What the user asked of the launcher.
 *
 * @param nodes how many nodes are started
 * @param basePort the first node's port; the others follow
 * @param port the page's port; 0 takes a free one
 * @param tenants how many tenants, and so how many children
 * @param ordersPerSecond how many orders come in, over all tenants
 * @param properties Spring's arguments, handed on to the nodes
 */
public record LauncherOptions(
        int nodes, int basePort, int port, int tenants, int ordersPerSecond, List<String> properties) {

    /** The names of the options, without dashes. */
    static final Set<String> NAMES = Set.of("nodes", "base-port", "port", "tenants", "rate");

    private static final int MAX_NODES = 9;
    private static final int MAX_PORT = 65_535;

    public LauncherOptions {
        properties = List.copyOf(properties);
    }

    /**
     * Reads the launcher's options.
     *
     * @throws InvalidArgumentException if an option is unknown or out of its range, or two ports are the same
     */
    public static LauncherOptions of(Arguments arguments) {
        arguments.requireKnown(NAMES);
        int nodes = arguments.number("nodes", 3, 1, MAX_NODES);
        int basePort = arguments.number("base-port", 8081, 1, MAX_PORT - MAX_NODES);
        int port = arguments.number("port", 8080, 0, MAX_PORT);
        if (port >= basePort && port < basePort + nodes) {
            throw new InvalidArgumentException("--port=" + port + " is also the port of node " + (port - basePort + 1)
                    + ": choose another --port or --base-port");
        }
        return new LauncherOptions(
                nodes,
                basePort,
                port,
                arguments.number("tenants", 20, 1, 1_000),
                arguments.number("rate", 100, 0, 5_000),
                arguments.properties());
    }

    /** The cluster that these options describe. */
    ClusterSpec cluster(Class<?> mainClass) {
        return new ClusterSpec(mainClass, nodes, basePort, tenants, true, nodeProperties());
    }

    OrderSettings orders() {
        return new OrderSettings(tenants, ordersPerSecond);
    }

    /** The arguments that nodes get too: all but those about the page's own server. */
    public List<String> nodeProperties() {
        return properties.stream()
                .filter(property -> !property.startsWith("--server."))
                .toList();
    }
}
