package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.measure.IdleClient.Footprint;
import io.github.mirroredsupervisor.sample.measure.IdleClient.View;
import io.github.mirroredsupervisor.sample.measure.StatementLog.Statement;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Many children that do nothing on one node: the cost of starting, listing, handing over, adopting and keeping them.
 */
final class ScaleScenario implements Scenario {

    private static final int CALLERS = 16;
    private static final int ONE_BY_ONE = 1000;
    private static final int VIEWS = 20;
    private static final double MOST_START_MILLIS_PER_THOUSAND = 3000;
    private static final double MOST_ADOPTION_MILLIS_PER_THOUSAND = 1000;

    private final int children;

    ScaleScenario(int children) {
        this.children = children;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        bed.awaitRest();
        Finding finding = new Finding(children + " idle children on one node");
        NodeProcess owner = bed.cluster().node(1);
        start(new IdleClient(owner), finding);
        list(bed, new IdleClient(bed.cluster().node(2)), finding);
        stop(bed, owner, finding);
        kill(bed, bed.busiestNode(), finding);
        OverlapCheck.Result check = bed.evidence().overlaps();
        finding.promise(
                check.runs() >= 3 * children && check.isClean(),
                check.runs() + " runs: " + check.overlaps().size() + " overlaps, "
                        + check.disorders().size() + " tokens out of order");
        return finding;
    }

    private void start(IdleClient owner, Finding finding) {
        int some = Math.min(children, ONE_BY_ONE);
        double oneByOne = owner.start(1, some, 1);
        finding.line(took(some + " children started one by one, with their rows", oneByOne));
        finding.line(took(some + " children removed by " + CALLERS + " callers", owner.remove(1, some, CALLERS)));
        Footprint before = owner.footprint(); // after the JVM has loaded the classes
        started(finding, children, "by " + CALLERS + " callers", owner.start(1, children, CALLERS));
        Footprint after = owner.footprint();
        finding.line(String.format(
                Locale.ROOT,
                "each child: %.1f KiB of heap, %.1f KiB of the process; %d threads of the system for %d children",
                (after.heapBytes() - before.heapBytes()) / 1024.0 / children,
                (after.residentBytes() - before.residentBytes()) / 1024.0 / children,
                after.platformThreads() - before.platformThreads(),
                children));
    }

    private static void started(Finding finding, int count, String how, double millis) {
        double limit = MOST_START_MILLIS_PER_THOUSAND * count / 1000;
        finding.line(took(count + " children started " + how + ", with their rows", millis));
        finding.target(millis <= limit, String.format(Locale.ROOT, "at most %.1f s", limit / 1000));
    }

    private void list(TestBed bed, IdleClient other, Finding finding) {
        List<View> views = new ArrayList<>();
        List<Statement> statements = StatementLog.record(bed, () -> views.add(other.view(VIEWS)));
        View view = views.get(0);
        finding.promise(
                view.children() == children && view.running() == children,
                view.running() + " of " + view.children() + " children run, as another node sees them");
        finding.figures("whichChildren", Figures.of(view.millis()));
        // This counts reads of the whole group only. Reads before a change of rows are of some rows.
        long queries = statements.stream()
                .filter(one -> one.sql().matches(".*from mirrored_supervisor.child c.*group_name = \\$1 *order by.*"))
                .count();
        finding.promise(queries == VIEWS, queries + " queries for " + VIEWS + " lists of all children");
    }

    private void stop(TestBed bed, NodeProcess owner, Finding finding) {
        Fault fault = owner.stop();
        awaitTakeover(bed, fault);
        finding.line(took(
                "from SIGTERM to the end of the last child",
                millis(fault.nanos(), last(bed, run -> run.pid() == fault.pid(), true))));
        finding.line(took(
                "from SIGTERM to the last child elsewhere",
                millis(fault.nanos(), last(bed, run -> run.pid() != fault.pid(), false))));
    }

    private void kill(TestBed bed, NodeProcess owner, Finding finding) {
        bed.pass(bed.profile().lease()); // the hand-over may still be writing
        Fault fault = owner.kill();
        awaitTakeover(bed, fault);
        NodeProcess adopter = bed.busiestNode();
        long detected = new IdleClient(adopter).lastDeath();
        long end = last(bed, run -> run.pid() == adopter.pid(), false);
        finding.line(took("from SIGKILL to its detection", millis(fault.nanos(), detected)));
        finding.line(took("from the detection to the last child elsewhere", millis(detected, end)));
        double limit = MOST_ADOPTION_MILLIS_PER_THOUSAND * children / 1000;
        finding.target(
                millis(detected, end) <= limit,
                String.format(Locale.ROOT, "at most %.1f s after the detection", limit / 1000));
    }

    private void awaitTakeover(TestBed bed, Fault fault) {
        bed.await(
                "all children run elsewhere after " + fault,
                () -> bed.evidence().takeover(fault).isComplete());
    }

    private static long last(TestBed bed, Predicate<Run> which, boolean end) {
        return bed.evidence().runs().stream()
                .filter(which)
                .mapToLong(run -> end && run.endNanos() != null ? run.endNanos() : run.beginNanos())
                .max()
                .orElseThrow();
    }

    private static double millis(long from, long to) {
        return (to - from) / 1e6;
    }

    private static String took(String what, double millis) {
        return String.format(Locale.ROOT, "%-52s %8.0f ms", what, millis);
    }
}
