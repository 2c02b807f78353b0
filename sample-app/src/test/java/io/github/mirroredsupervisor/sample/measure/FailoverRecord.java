package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.PatroniServer;
import io.github.mirroredsupervisor.sample.measure.Dossier.Feats;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Takeover;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/**
 * What happened to the nodes while their database changed its primary, and the checks of a soak. Not thread-safe.
 */
final class FailoverRecord {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TestBed bed;
    private final Inquest inquest;
    private final Map<String, Long> processes;
    private final Set<Long> struck = new HashSet<>();
    private int strikes;
    private int takeovers;
    private int moves;
    private int unexplained;
    private @Nullable String unrest;

    FailoverRecord(TestBed bed) {
        this.bed = bed;
        this.inquest = new Inquest(bed.jdbc(), bed.serverClock());
        this.processes = processes(bed);
    }

    private static Map<String, Long> processes(TestBed bed) {
        return bed.cluster().nodes().stream().collect(Collectors.toMap(NodeProcess::name, NodeProcess::pid));
    }

    /** Carries out what may find that the cluster does not come to rest. The checks are made even so. */
    void carryOut(Runnable strikes) {
        try {
            strikes.run();
        } catch (RuntimeException e) {
            unrest = String.valueOf(e.getMessage());
        }
    }

    /** Waits until a standby follows a primary; returns the primary. */
    PatroniServer awaitHealthy() {
        bed.await(
                "a standby follows the primary",
                () -> bed.patroni().isHealthy() && bed.patroni().primary().isPresent());
        return bed.patroni().primary().orElseThrow();
    }

    /** Waits until the other server is the primary. */
    PatroniServer awaitAnother(PatroniServer old) {
        bed.await(
                "there is another primary than " + old.name(),
                () -> bed.patroni().primary().filter(now -> now != old).isPresent());
        return bed.patroni().standbyOf(old);
    }

    /**
     * Notes the end of a strike, when all is at rest.
     *
     * @param faults of nodes that were killed
     * @param concerned the processes whose children may run elsewhere afterwards
     */
    void struck(List<Fault> faults, Collection<Long> concerned, Map<String, Long> before, Map<String, Long> after) {
        strikes++;
        takeovers += (int) faults.stream()
                .flatMap(fault -> bed.evidence().findTakeover(fault).stream())
                .filter(Takeover::isComplete)
                .count();
        faults.stream().map(Fault::pid).forEach(struck::add);
        moves += moved(before, after);
        unexplained += (int) before.entrySet().stream()
                .filter(owned -> !owned.getValue().equals(after.get(owned.getKey())))
                .filter(owned -> !concerned.contains(owned.getValue()))
                .count();
        query(() -> {
            inquest.collect();
            return inquest.deaths().size();
        });
    }

    /** How many children run in another process. */
    int moved(Map<String, Long> before, Map<String, Long> after) {
        return (int) before.entrySet().stream()
                .filter(owned -> !owned.getValue().equals(after.get(owned.getKey())))
                .count();
    }

    List<Long> lost(Receipts receipts) {
        return query(() -> receipts.lost(bed.jdbc()));
    }

    /** The first connections after a failover are those to the server that is gone. */
    <T> T query(Supplier<T> question) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return question.get();
            } catch (DataAccessException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
                bed.pass(Duration.ofMillis(200));
            }
        }
    }

    /**
     * What a soak checks.
     *
     * @param promised whether all of it is promised; otherwise what the database has lost excuses much
     */
    Finding finding(String title, boolean promised) {
        bed.evidence().update();
        Finding finding = promised ? new Checks(dossier(title), bed.evidence()).held() : told(title);
        finding.promise(
                strikes > 0,
                "C8  " + strikes + " times another server became the primary; "
                        + inquest.deaths().size() + " certificates");
        Map<String, Long> restarted = processes(bed);
        restarted.values().removeAll(processes.values());
        long unforced = processes.entrySet().stream()
                .filter(process -> restarted.containsKey(process.getKey()) && !struck.contains(process.getValue()))
                .count();
        return finding.promise(
                unforced == 0 && bed.failedStarts() == 0,
                "no application was restarted but those that were killed: " + unforced + " others, "
                        + bed.failedStarts() + " failed starts");
    }

    private Dossier dossier(String title) {
        Feats feats = new Feats(List.of(), strikes, 1, 1, takeovers, moves, unexplained, 0, bed.failedStarts());
        return new Dossier(
                title,
                bed.children(),
                feats,
                unrest,
                bed.evidence().faults(),
                inquest.deaths(),
                query(() -> SoakScenario.rows(bed)),
                query(() -> bed.evidence().audit()),
                bed.resource().report());
    }

    /** The order of deliveries and of tokens is promised also for what survives. */
    private Finding told(String title) {
        Finding finding = new Finding(title);
        if (unrest != null) {
            finding.promise(false, unrest);
        }
        OverlapCheck.Result runs = bed.evidence().overlaps();
        finding.line("        " + runs.runs() + " runs, " + runs.overlaps().size() + " overlaps, "
                + runs.disorders().size() + " tokens out of order");
        AuditReport report = query(() -> bed.evidence().audit());
        finding.promise(
                report.delivered() > 0 && report.isExact(),
                report.delivered() + " orders delivered, as far as the last primary knows: " + report.faults());
        FencedResource.Report outside = bed.resource().report();
        return finding.promise(
                outside.shared() == 0 && outside.accepted() > 0,
                outside.accepted() + " acts accepted by a resource outside the database, " + outside.rejected()
                        + " refused as stale, " + outside.shared() + " tokens used by two processes");
    }
}
