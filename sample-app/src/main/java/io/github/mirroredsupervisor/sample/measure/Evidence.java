package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.Cluster;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.orders.DeliveredTable;
import io.github.mirroredsupervisor.sample.orders.DeliveryAudit;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.OverlapCheck;
import io.github.mirroredsupervisor.sample.witness.Run;
import io.github.mirroredsupervisor.sample.witness.RunObserver;
import io.github.mirroredsupervisor.sample.witness.Takeover;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the witness and the delivered rows say. For one thread. */
final class Evidence {

    /** What two readings of the clock may be apart for no reason. */
    private static final long CLOCKS_DIFFER_NANOS = 5_000_000;

    private final RunObserver observer;
    private final List<Fault> faults = new ArrayList<>();
    private final DeliveredTable delivered;
    private final DeliveryAudit audit = new DeliveryAudit();
    private final Map<Grant, Run> begins = new HashMap<>();

    private record Grant(String child, long token) {}

    Evidence(Cluster cluster, JdbcClient jdbc, int tenants) {
        this.observer = new RunObserver(cluster.witness());
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
        return findTakeover(fault).orElseThrow(() -> new MeasureException("Nothing ran where " + fault + " struck"));
    }

    /** Empty if nothing ran there, or it is long ago. */
    Optional<Takeover> findTakeover(Fault fault) {
        return observer.takeovers().newestFirst().stream()
                .filter(takeover -> takeover.fault().equals(fault))
                .findFirst();
    }

    /** Checks all that was delivered since the beginning. */
    AuditReport audit() {
        delivered.readOn(audit::accept);
        return audit.report();
    }

    /** What the check of all witness lines since the beginning has found. */
    OverlapCheck.Result overlaps() {
        update();
        return observer.overlaps();
    }

    /** Whether a promise was broken already, as far as the witness shows it. */
    boolean isBroken() {
        return !observer.overlaps().isClean();
    }

    /** The runs that ended before are forgotten, save when they began. */
    void forgetBefore(long nanos) {
        runs().forEach(run -> begins.put(new Grant(run.child(), run.token()), run));
        observer.ledger().forgetBefore(nanos);
    }

    /** Whether a run began after that moment, in a process that did not stand still then. */
    boolean beganAfter(String child, long token, Instant moment) {
        runs().forEach(run -> begins.put(new Grant(run.child(), run.token()), run));
        Run run = begins.get(new Grant(child, token));
        long nanos = System.nanoTime() - Duration.between(moment, Instant.now()).toNanos();
        return run != null && run.beginNanos() - nanos > CLOCKS_DIFFER_NANOS && !stoodStill(run, nanos);
    }

    private boolean stoodStill(Run run, long nanos) {
        boolean still = false;
        for (Fault fault : faults) {
            boolean before = fault.nanos() - nanos < 0;
            if (fault.pid() == run.pid() && fault.kind() == Fault.Kind.PAUSE) {
                still |= before || fault.nanos() - run.beginNanos() < 0;
            } else if (fault.pid() == run.pid() && fault.kind() == Fault.Kind.RESUME && before) {
                still = false;
            }
        }
        return still;
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
