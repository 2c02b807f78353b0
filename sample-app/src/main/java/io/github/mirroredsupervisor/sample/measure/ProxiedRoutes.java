package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.DatabaseServer;
import io.github.mirroredsupervisor.sample.launcher.NodeProcess;
import io.github.mirroredsupervisor.sample.launcher.NodeRoutes;
import io.github.mirroredsupervisor.sample.proxy.Side;
import io.github.mirroredsupervisor.sample.proxy.TcpProxy;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The supervisor's own connections of each node go through a proxy of that node; the application's do not. */
final class ProxiedRoutes implements NodeRoutes, AutoCloseable {

    private static final String PORTS = """
            select client_port from pg_stat_activity
             where application_name = 'mirrored-supervisor ' || :kind || ' ' || :node
            """;

    private final Map<Integer, TcpProxy> proxies = new ConcurrentHashMap<>();

    @Override
    public List<String> properties(int node, DatabaseServer database) {
        URI server = URI.create(database.getJdbcUrl().substring("jdbc:".length()));
        TcpProxy proxy = proxies.computeIfAbsent(
                node, number -> new TcpProxy(new InetSocketAddress(server.getHost(), server.getPort())));
        return List.of(
                "--mirrored-supervisor.datasource.url=jdbc:postgresql://127.0.0.1:" + proxy.port() + server.getPath(),
                "--mirrored-supervisor.datasource.username=" + database.getUsername());
    }

    /** Resets a node's connection of one kind towards one side only. Returns whether there was one. */
    boolean reset(JdbcClient jdbc, NodeProcess node, String kind, Side towards) {
        Set<Integer> ports =
                jdbc.sql(PORTS).param("kind", kind).param("node", node.name()).query(Integer.class).list().stream()
                        .collect(Collectors.toSet());
        TcpProxy proxy = proxies.get(node.number());
        return proxy != null && proxy.reset(ports, towards) > 0;
    }

    @Override
    public void close() {
        proxies.values().forEach(TcpProxy::close);
    }
}
