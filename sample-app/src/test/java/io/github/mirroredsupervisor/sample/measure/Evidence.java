package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.Cluster;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.orders.DeliveredTable;
import io.github.mirroredsupervisor.sample.orders.DeliveryAudit;
import java.nio.file.Path;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the witness files and the delivered rows of a running cluster show. For one thread. */
final class Evidence extends Testimony {

    private final DeliveredTable delivered;
    private final DeliveryAudit audit = new DeliveryAudit();

    private Evidence(Path witness, DeliveredTable delivered) {
        super(witness);
        this.delivered = delivered;
    }

    static Evidence of(Cluster cluster, JdbcClient jdbc, int tenants) {
        Evidence evidence = new Evidence(cluster.witness(), new DeliveredTable(jdbc, tenants));
        cluster.onFault(evidence::note);
        return evidence;
    }

    /** Reads what is new first. */
    @Override
    OverlapCheck.Result overlaps() {
        update();
        return super.overlaps();
    }

    /** Checks all deliveries since the beginning. */
    AuditReport audit() {
        delivered.readOn(audit::accept);
        return audit.report();
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
                report.delivered() + " orders delivered so far: " + report.faults());
    }
}
