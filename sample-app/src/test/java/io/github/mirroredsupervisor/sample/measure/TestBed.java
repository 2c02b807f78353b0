package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.SampleApplication;
import io.github.mirroredsupervisor.sample.cluster.Cluster;
import io.github.mirroredsupervisor.sample.cluster.ClusterSpec;
import io.github.mirroredsupervisor.sample.cluster.DatabaseServer;
import io.github.mirroredsupervisor.sample.cluster.LabDatabase;
import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.NodeState;
import io.github.mirroredsupervisor.sample.cluster.PatroniCluster;
import io.github.mirroredsupervisor.sample.cluster.PatroniCluster.Replication;
import io.github.mirroredsupervisor.sample.cluster.PgBouncer;
import io.github.mirroredsupervisor.sample.cluster.SupervisorClient;
import io.github.mirroredsupervisor.sample.cluster.WallClock;
import io.github.mirroredsupervisor.sample.measure.MeasureOptions.Route;
import io.github.mirroredsupervisor.sample.orders.OrderProducer;
import io.github.mirroredsupervisor.sample.orders.OrderSettings;
import io.github.mirroredsupervisor.sample.orders.TenantIds;
import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import io.github.mirroredsupervisor.sample.witness.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A database and three nodes on it, for measuring. For one thread. */
final class TestBed implements AutoCloseable {

    private static final int NODES = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long LOOK_NANOS = 10_000_000L;

    /** Stopping a server that was crashed on purpose fails, and need not be logged. */
    private static final String QUIET = "logging.level.io.zonky.test.db.postgres.embedded.EmbeddedPostgres=off";

    private static final String WATCHERS = """
            select count(*) from pg_locks l
              join mirrored_supervisor.peer p
                on p.lock_key = (l.classid::bigint << 32) + l.objid::bigint and p.state = 'ALIVE'
             where l.locktype = 'advisory' and not l.granted and p.label = :node
            """;

    private final ConfigurableApplicationContext context;
    private final Profile profile;
    private final ClusterKind kind;
    private final int children;
    private final Cluster cluster;
    private final SupervisorClient supervisor;
    private final Evidence evidence;
    private final ServerClock serverClock;
    private int failedStarts;

    private TestBed(ConfigurableApplicationContext context, Profile profile, int children, ClusterKind kind) {
        this.kind = kind;
        this.context = context;
        this.profile = profile;
        this.children = children;
        this.cluster = context.getBean(Cluster.class);
        this.supervisor = new SupervisorClient(cluster);
        this.evidence = Evidence.of(cluster, jdbc(), children);
        this.serverClock = new ServerClock(isClocked(kind) ? database().makeClockSettable() : null);
    }

    /** The first node starts alone, so that it owns all children. */
    static TestBed start(MeasureOptions options, int children, ClusterKind kind) {
        FencedResource resource = new FencedResource();
        List<String> properties = new ArrayList<>(options.nodeProperties(kind));
        properties.add("--lab.resource-port=" + (kind.isDisturbed() ? resource.port() : 0));
        ClusterSpec spec = new ClusterSpec(Laboratory.class, NODES, options.basePort(), children, false, properties);
        OrderSettings orders = new OrderSettings(children, kind.ordersPerSecond());
        TestBed bed = new TestBed(
                new SpringApplicationBuilder(Configuration.class, kind.hasFailover() ? Patroni.class : Embedded.class)
                        .web(WebApplicationType.NONE)
                        .profiles("launcher")
                        .logStartupInfo(false)
                        .properties(QUIET)
                        .initializers(context ->
                                register((GenericApplicationContext) context, options, resource, spec, orders, kind))
                        .run(),
                options.profile(),
                children,
                kind);
        try {
            bed.startNodes();
            return bed;
        } catch (RuntimeException e) {
            bed.close();
            throw e;
        }
    }

    private static void register(
            GenericApplicationContext context,
            MeasureOptions options,
            FencedResource resource,
            ClusterSpec spec,
            OrderSettings orders,
            ClusterKind kind) {
        String mode = options.pooler();
        if (kind.isProxied()) {
            context.registerBean(
                    ProxiedRoutes.class,
                    () -> new ProxiedRoutes(database -> mode == null
                            ? null
                            : PgBouncer.start(mode, database, context.getBean(GuardianProcess.class))));
        }
        if (kind.hasFailover()) {
            Route route = kind == ClusterKind.TWO_PRIMARIES ? Route.MULTI_HOST : options.route();
            context.registerBean(
                    PatroniRoutes.class, () -> new PatroniRoutes(context.getBean(PatroniCluster.class), route));
        }
        context.registerBean(Replication.class, options::replication);
        context.registerBean(
                LabNodes.class,
                () -> new LabNodes(
                        spec.nodes(),
                        kind.hasFailover()
                                ? context.getBean(PatroniRoutes.class)
                                : context.getBeanProvider(ProxiedRoutes.class).getIfAvailable(),
                        isClocked(kind)
                                ? context.getBean(LabDatabase.class).data().getParent()
                                : null));
        context.registerBean(FencedResource.class, () -> resource);
        context.registerBean(ClusterSpec.class, () -> spec);
        context.registerBean(OrderSettings.class, () -> orders);
    }

    private static boolean isClocked(ClusterKind kind) {
        return kind == ClusterKind.SOAK && WallClock.available();
    }

    private void startNodes() {
        cluster.node(1).start();
        await("every child runs", this::everyChildRuns);
        cluster.node(2).start();
        cluster.node(3).start();
        awaitRest();
    }

    Cluster cluster() {
        return cluster;
    }

    Profile profile() {
        return profile;
    }

    int children() {
        return children;
    }

    Evidence evidence() {
        return evidence;
    }

    JdbcClient jdbc() {
        return context.getBean(JdbcClient.class);
    }

    LabNodes nodes() {
        return context.getBean(LabNodes.class);
    }

    ProxiedRoutes routes() {
        return context.getBean(ProxiedRoutes.class);
    }

    FencedResource resource() {
        return context.getBean(FencedResource.class);
    }

    ServerClock serverClock() {
        return serverClock;
    }

    String serverVersion() {
        return jdbc().sql("select 'PostgreSQL ' || current_setting('server_version')")
                .query(String.class)
                .single();
    }

    LabDatabase database() {
        return context.getBean(LabDatabase.class);
    }

    /** The database of clusters that have a failover. */
    PatroniCluster patroni() {
        return context.getBean(PatroniCluster.class);
    }

    /** The incarnations that live, as any node reads it from the database. */
    List<String> alivePeers() {
        return supervisor.group().map(SupervisorClient.Group::aliveIds).orElse(List.of());
    }

    /** Which process runs which child, as the witness saw it last; children that do not run are left out. */
    Map<String, Long> owners() {
        return evidence.newestRuns().stream()
                .filter(Run::isOpen)
                .collect(Collectors.toMap(Run::child, Run::pid, (one, other) -> other, TreeMap::new));
    }

    /** The node that runs the most children. */
    NodeProcess busiestNode() {
        Map<Long, Long> counts =
                owners().values().stream().collect(Collectors.groupingBy(pid -> pid, Collectors.counting()));
        return cluster.nodes().stream()
                .max(Comparator.comparingLong(node -> counts.getOrDefault(node.pid(), 0L)))
                .orElseThrow();
    }

    /** How many sessions wait for the lock by which a node shows that it lives. */
    int watchers(NodeProcess node) {
        return jdbc().sql(WATCHERS)
                .param("node", node.name())
                .query(Integer.class)
                .single();
    }

    /** Waits until every node is up and a member, and every child runs on one of them. */
    void awaitRest() {
        await("every node is up", () -> cluster.nodes().stream().allMatch(this::isUp));
        awaitEveryChild();
        await("every node is a member of the group", () -> alivePeers().size() == NODES);
    }

    /**
     * A node may fail to start because its database is disturbed. It is started again, as any platform would.
     */
    private boolean isUp(NodeProcess node) {
        if (node.state() == NodeState.FAILED && kind.isDisturbed()) {
            failedStarts++;
            node.start();
        }
        return node.state() == NodeState.RUNNING;
    }

    /** How often a node could not start. */
    int failedStarts() {
        return failedStarts;
    }

    private boolean everyChildRuns() {
        Map<String, Long> owners = owners();
        List<Long> live = cluster.nodes().stream()
                .filter(node -> node.state() == NodeState.RUNNING)
                .map(NodeProcess::pid)
                .toList();
        return IntStream.rangeClosed(1, children)
                .mapToObj(TenantIds::idOf)
                .allMatch(child -> live.contains(owners.getOrDefault(child, 0L)));
    }

    /** Waits until every child runs, however few nodes there are. */
    void awaitEveryChild() {
        await("every child runs on a live node", this::everyChildRuns);
    }

    /** Waits, and reads the evidence meanwhile. */
    void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        look();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new MeasureException(
                        "Waited " + PATIENCE.toMinutes() + " minutes in vain until " + what + "\n" + logs());
            }
            LockSupport.parkNanos(LOOK_NANOS);
            look();
        }
    }

    /** Waits for a time, and reads the evidence meanwhile. */
    void pass(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(Math.min(LOOK_NANOS, end - System.nanoTime()));
            look();
        }
    }

    private void look() {
        cluster.probe();
        evidence.update();
    }

    private String logs() {
        return cluster.nodes().stream()
                .map(node -> "--- " + node.name() + " is " + node.state() + "\n" + node.logTail())
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        context.close();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Configuration {

        @Bean
        GuardianProcess guardian() {
            return GuardianProcess.start(SampleApplication.class);
        }

        @Bean
        Cluster cluster(ClusterSpec spec, DatabaseServer database, LabNodes nodes, GuardianProcess guardian) {
            return new Cluster(spec, database, nodes, guardian);
        }

        @Bean
        OrderProducer orderProducer(JdbcClient jdbc, OrderSettings settings) {
            return new OrderProducer(jdbc, settings);
        }
    }

    @org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
    static class Embedded {

        @Bean
        LabDatabase database(GuardianProcess guardian) {
            return new LabDatabase(guardian);
        }
    }

    @org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
    static class Patroni {

        @Bean
        PatroniCluster database(GuardianProcess guardian, Replication replication) {
            return new PatroniCluster(guardian, replication);
        }
    }
}
