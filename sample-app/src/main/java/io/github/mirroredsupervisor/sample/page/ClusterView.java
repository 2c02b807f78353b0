package io.github.mirroredsupervisor.sample.page;

import io.github.mirroredsupervisor.sample.cluster.NodeState;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows, at one moment. Times are milliseconds before that moment, so that no clocks are compared.
 *
 * @param database a description of the database
 * @param databaseAnswers whether it does
 * @param hasSignals whether nodes can be paused and stopped
 * @param perSecond deliveries per second over all tenants
 * @param waiting orders in the outbox
 * @param audit the check of all deliveries
 * @param nodes by number
 * @param children by tenant
 * @param runs what ran in the last minute
 * @param faults what happened to nodes in the last minute
 * @param takeovers newest first
 */
record ClusterView(
        String database,
        boolean databaseAnswers,
        boolean hasSignals,
        double perSecond,
        long waiting,
        AuditReport audit,
        List<Node> nodes,
        List<Child> children,
        List<RunView> runs,
        List<FaultView> faults,
        List<TakeoverView> takeovers) {

    /** One node, and what can be done to it now. */
    record Node(int number, String name, int port, long pid, NodeState state, List<Action> actions) {}

    /**
     * One child.
     *
     * @param id its id
     * @param tenant its tenant
     * @param node where its newest run is or was; null before the first
     * @param running whether the witness saw no end of that run
     * @param token that run's fencing token
     * @param phase what the library says of it; null if no node answers
     * @param delivered deliveries so far
     * @param rate deliveries per second
     * @param waiting orders in its outbox
     */
    record Child(
            String id,
            int tenant,
            @Nullable String node,
            boolean running,
            long token,
            @Nullable String phase,
            long delivered,
            double rate,
            long waiting) {}

    /** One run; {@code to} is null while it goes on. */
    record RunView(
            int tenant,
            String node,
            long token,
            long from,
            @Nullable Long to) {}

    /** A fault, {@code ago} milliseconds ago. */
    record FaultView(Fault.Kind kind, String node, long ago) {}

    /**
     * What a fault cost.
     *
     * @param kind kill, pause or stop
     * @param node the lost node
     * @param ago when that was
     * @param children how many children were lost with it
     * @param moved how many of them run elsewhere
     * @param firstMillis the shortest gap
     * @param medianMillis the median gap
     * @param lastMillis the longest gap
     */
    record TakeoverView(
            Fault.Kind kind,
            String node,
            long ago,
            int children,
            int moved,
            @Nullable Double firstMillis,
            @Nullable Double medianMillis,
            @Nullable Double lastMillis) {}
}
