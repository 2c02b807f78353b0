package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.Cluster;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.orders.DeliveredTable;
import io.github.mirroredsupervisor.sample.orders.DeliveryAudit;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.OverlapCheck;
import io.github.mirroredsupervisor.sample.witness.OverlapCheck.Pause;
import io.github.mirroredsupervisor.sample.witness.Run;
import io.github.mirroredsupervisor.sample.witness.RunObserver;
import io.github.mirroredsupervisor.sample.witness.Takeover;
import io.github.mirroredsupervisor.sample.witness.WitnessReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the witness and the delivered rows say. For one thread. */
final class Evidence {

    private final Path witness;
    private final RunObserver observer;
    private final List<Fault> faults = new ArrayList<>();
    private final DeliveredTable delivered;
    private final DeliveryAudit audit = new DeliveryAudit();

    Evidence(Cluster cluster, JdbcClient jdbc, int tenants) {
        this.witness = cluster.witness();
        this.observer = new RunObserver(witness);
        this.delivered = new DeliveredTable(jdbc, tenants);
        cluster.onFault(observer::note);
    }

    void update() {
        faults.addAll(observer.update());
    }

    /** Everything that happened to a process since the beginning. */
    List<Fault> faults() {
        return List.copyOf(faults);
    }

    List<Run> newestRuns() {
        return observer.ledger().newest();
    }

    /** Every run since the beginning. */
    List<Run> runs() {
        return observer.ledger().all();
    }

    Takeover takeover(Fault fault) {
        return observer.takeovers().newestFirst().stream()
                .filter(takeover -> takeover.fault().equals(fault))
                .findFirst()
                .orElseThrow(() -> new MeasureException("Nothing ran where " + fault + " struck"));
    }

    /** Checks all that was delivered since the beginning. */
    AuditReport audit() {
        delivered.readOn(audit::accept);
        return audit.report();
    }

    /** Checks all witness lines since the beginning. */
    OverlapCheck.Result overlaps() {
        return OverlapCheck.check(new WitnessReader(witness).readNew(), pauses());
    }

    private List<Pause> pauses() {
        Map<Long, Fault> open = new HashMap<>();
        List<Pause> pauses = new ArrayList<>();
        for (Fault fault : faults) {
            if (fault.kind() == Fault.Kind.PAUSE) {
                open.put(fault.pid(), fault);
            } else if (fault.kind() == Fault.Kind.RESUME && open.containsKey(fault.pid())) {
                pauses.add(new Pause(fault.pid(), open.remove(fault.pid()).nanos(), fault.nanos()));
            }
        }
        return pauses;
    }

    /** Adds the checks that hold for every scenario. */
    void addTo(Finding finding) {
        OverlapCheck.Result check = overlaps();
        finding.promise(
                check.runs() > 0 && check.isClean(),
                check.runs() + " runs so far: " + check.overlaps().size() + " overlaps, "
                        + check.disorders().size() + " tokens out of order");
        check.overlaps().stream().limit(5).forEach(violation -> finding.line("        " + violation));
        check.disorders().stream().limit(5).forEach(violation -> finding.line("        " + violation));
        AuditReport report = audit();
        finding.promise(
                report.delivered() > 0 && report.isExact(),
                report.delivered() + " orders delivered so far: " + report.duplicates() + " twice, "
                        + report.reorderings() + " out of order, " + report.gaps() + " skipped, " + report.staleWrites()
                        + " by a run that had been replaced");
    }
}
