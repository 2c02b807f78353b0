package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.util.Locale;

/**
 * The owner dies, its children are adopted, and then the database crashes and its standby takes over. A synchronous
 * standby has the adoption. An asynchronous one does not: acknowledged commits are lost, which no lease and no token
 * can repair (faults I13). There the scenario only prints what happened, and checks that the cluster recovers.
 */
final class PromotionScenario implements Scenario {

    private final boolean synchronous;

    PromotionScenario(boolean synchronous) {
        this.synchronous = synchronous;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        Finding finding = new Finding("Promotion of "
                + (synchronous
                        ? "a synchronous standby after an adoption"
                        : "an asynchronous standby that missed an adoption"));
        for (int cycle = 0; cycle < cycles; cycle++) {
            bed.database().addStandby(synchronous);
            bed.awaitRest();
            promote(bed);
        }
        finding.line(String.format(Locale.ROOT, "%-44s n %4d", "times", cycles));
        if (synchronous) {
            bed.evidence().addTo(finding);
        } else {
            OverlapCheck.Result check = bed.evidence().overlaps();
            finding.line("        " + check.runs() + " runs so far: "
                    + check.overlaps().size() + " overlaps, "
                    + check.disorders().size() + " tokens out of order or of two processes");
            AuditReport report = bed.evidence().audit();
            finding.promise(
                    report.delivered() > 0 && report.isExact(),
                    report.delivered() + " orders delivered, as far as the promoted server knows: " + report.faults());
        }
        return finding.line("        after each promotion every child ran on a live node again");
    }

    private void promote(TestBed bed) {
        if (!synchronous) {
            bed.database().cutReplication();
        }
        NodeProcess owner = bed.busiestNode();
        Fault fault = owner.kill();
        bed.await(
                "every child runs elsewhere after " + fault,
                () -> bed.evidence().takeover(fault).isComplete());
        bed.database().failOver();
        bed.await("the process is gone", () -> !owner.isAlive());
        owner.start();
        bed.pass(bed.profile().lease().multipliedBy(2));
        bed.awaitRest();
    }
}
