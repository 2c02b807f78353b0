package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.DatabaseServer;
import io.github.mirroredsupervisor.sample.cluster.NodeCustomizer;
import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.PgBouncer;
import io.github.mirroredsupervisor.sample.proxy.TcpProxy;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All connections of each node go through a proxy of that node, and behind it through a pooler if there is one. */
final class ProxiedRoutes implements NodeCustomizer, AutoCloseable {

    /** Prepared plans cannot be kept if each transaction may use another session. */
    private static final String WITHOUT_PLANS = "?prepareThreshold=0";

    /** The names of all connections of the library. */
    static final Predicate<String> OF_LIBRARY =
            Pattern.compile("^mirrored-supervisor ").asPredicate();

    private final Map<Integer, TcpProxy> proxies = new ConcurrentHashMap<>();
    private final Function<DatabaseServer, @Nullable PgBouncer> poolers;
    private @Nullable PgBouncer pooler;

    /**
     * Routes to a database.
     *
     * @param poolers starts a pooler, or returns null
     */
    ProxiedRoutes(Function<DatabaseServer, @Nullable PgBouncer> poolers) {
        this.poolers = poolers;
    }

    @Override
    public synchronized List<String> properties(int node, DatabaseServer database) {
        URI server = URI.create(database.getJdbcUrl().substring("jdbc:".length()));
        if (pooler == null) {
            pooler = poolers.apply(database);
        }
        InetSocketAddress target =
                pooler == null ? new InetSocketAddress(server.getHost(), server.getPort()) : pooler.address();
        TcpProxy proxy = proxies.computeIfAbsent(node, number -> new TcpProxy(target));
        String url = "jdbc:postgresql://127.0.0.1:" + proxy.port() + server.getPath()
                + (pooler == null ? "" : WITHOUT_PLANS);
        return List.of(
                "--mirrored-supervisor.datasource.url=" + url,
                "--mirrored-supervisor.datasource.username=" + database.getUsername(),
                "--spring.datasource.hikari.jdbc-url=" + url);
    }

    TcpProxy proxy(NodeProcess node) {
        return Objects.requireNonNull(proxies.get(node.number()), "every node has a proxy");
    }

    /** The names of a node's connections of one kind. */
    static Predicate<String> ofKind(String kind) {
        return name -> name.startsWith("mirrored-supervisor " + kind + " ");
    }

    @Override
    public synchronized void close() {
        proxies.values().forEach(TcpProxy::close);
        if (pooler != null) {
            pooler.close();
        }
    }
}
