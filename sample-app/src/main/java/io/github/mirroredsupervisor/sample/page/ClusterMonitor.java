package io.github.mirroredsupervisor.sample.page;

import io.github.mirroredsupervisor.sample.cluster.Cluster;
import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.orders.TenantIds;
import io.github.mirroredsupervisor.sample.page.ClusterView.Child;
import io.github.mirroredsupervisor.sample.page.ClusterView.FaultView;
import io.github.mirroredsupervisor.sample.page.ClusterView.Node;
import io.github.mirroredsupervisor.sample.page.ClusterView.RunView;
import io.github.mirroredsupervisor.sample.page.ClusterView.TakeoverView;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Run;
import io.github.mirroredsupervisor.sample.witness.Takeover;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/** Looks at everything five times a second, in a thread of its own, so that any number of pages can be open. */
final class ClusterMonitor implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(ClusterMonitor.class);

    private static final long PERIOD_NANOS = 200_000_000L;
    private static final int SHOWN_TAKEOVERS = 8;

    private final Cluster cluster;
    private final RunsMonitor runs;
    private final DeliveryMonitor deliveries;
    private final PhaseMonitor phases;
    private final String database;
    private final int tenants;

    private volatile boolean running;
    private volatile ClusterView view;
    private boolean failing;

    ClusterMonitor(
            Cluster cluster,
            RunsMonitor runs,
            DeliveryMonitor deliveries,
            PhaseMonitor phases,
            String database,
            int tenants) {
        this.cluster = cluster;
        this.runs = runs;
        this.deliveries = deliveries;
        this.phases = phases;
        this.database = database;
        this.tenants = tenants;
        cluster.onFault(runs::noteFault);
        this.view = compose(true);
    }

    /** As of the last look. */
    ClusterView view() {
        return view;
    }

    @Override
    public void start() {
        running = true;
        Thread thread = new Thread(this::watch, "cluster-monitor");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void watch() {
        while (running) {
            long begin = System.nanoTime();
            try {
                look();
                failing = false;
            } catch (RuntimeException e) {
                if (!failing && running) {
                    log.warn("The page is not up to date", e);
                }
                failing = true;
            }
            LockSupport.parkNanos(PERIOD_NANOS - (System.nanoTime() - begin));
        }
    }

    private void look() {
        cluster.probe();
        runs.update();
        phases.update();
        view = compose(readDeliveries());
    }

    private boolean readDeliveries() {
        try {
            deliveries.update();
            return true;
        } catch (DataAccessException e) {
            return false;
        }
    }

    private ClusterView compose(boolean databaseAnswers) {
        long now = System.nanoTime();
        List<Child> children = children();
        return new ClusterView(
                database,
                databaseAnswers,
                cluster.hasSignals(),
                children.stream().mapToDouble(Child::rate).sum(),
                children.stream().mapToLong(Child::waiting).sum(),
                deliveries.report(),
                cluster.nodes().stream().map(this::node).toList(),
                children,
                runs.runs().stream().map(run -> run(run, now)).toList(),
                runs.recentFaults().stream()
                        .filter(fault -> fault.kind() != Fault.Kind.ENDED)
                        .map(fault -> new FaultView(fault.kind(), fault.node(), millis(now - fault.nanos())))
                        .toList(),
                runs.takeovers().stream()
                        .limit(SHOWN_TAKEOVERS)
                        .map(takeover -> takeover(takeover, now))
                        .toList());
    }

    private Node node(NodeProcess node) {
        var state = node.state();
        return new Node(
                node.number(),
                node.name(),
                node.port(),
                node.pid(),
                state,
                Action.possible(state, cluster.hasSignals()));
    }

    private List<Child> children() {
        Map<Integer, Run> newest = runs.newestRuns().stream()
                .collect(Collectors.toMap(run -> TenantIds.tenantOf(run.child()), Function.identity()));
        return IntStream.rangeClosed(1, tenants)
                .mapToObj(tenant -> child(tenant, newest.get(tenant)))
                .toList();
    }

    private Child child(int tenant, @Nullable Run run) {
        String id = TenantIds.idOf(tenant);
        return new Child(
                id,
                tenant,
                run == null ? null : run.node(),
                run != null && run.isOpen(),
                run == null ? 0 : run.token(),
                phases.phaseOf(id),
                deliveries.delivered(tenant),
                deliveries.rate(tenant),
                deliveries.waiting(tenant));
    }

    private static RunView run(Run run, long now) {
        return new RunView(
                TenantIds.tenantOf(run.child()),
                run.node(),
                run.token(),
                millis(now - run.beginNanos()),
                run.endNanos() == null ? null : Long.valueOf(millis(now - run.endNanos())));
    }

    private static TakeoverView takeover(Takeover takeover, long now) {
        double[] gaps = takeover.millis();
        boolean any = gaps.length > 0;
        return new TakeoverView(
                takeover.fault().kind(),
                takeover.fault().node(),
                millis(now - takeover.fault().nanos()),
                takeover.children(),
                takeover.moved(),
                any ? Double.valueOf(gaps[0]) : null,
                any ? Double.valueOf(gaps[gaps.length / 2]) : null,
                any ? Double.valueOf(gaps[gaps.length - 1]) : null);
    }

    private static long millis(long nanos) {
        return nanos / 1_000_000;
    }
}
