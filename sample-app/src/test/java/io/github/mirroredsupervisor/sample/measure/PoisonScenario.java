package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.NodeState;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * A child that halts whatever process runs it: it is quarantined before the last process is gone, and the others run
 * on.
 */
final class PoisonScenario implements Scenario {

    private final Duration settle;
    private final List<Double> absences = new ArrayList<>();
    private final List<Integer> deaths = new ArrayList<>();

    PoisonScenario(Duration settle) {
        this.settle = settle;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        for (int cycle = 0; cycle < cycles; cycle++) {
            bed.awaitRest();
            bed.pass(settle.plus(bed.profile().lease())); // so that only the one is young
            cycle(bed);
        }
        bed.awaitRest();
        int most = deaths.stream().mapToInt(Integer::intValue).max().orElseThrow();
        double limit = bed.profile().takeoverLimit().toMillis();
        Finding finding = new Finding("A child that halts its process, poison.max-crashes " + ClusterKind.MOST_CRASHES);
        finding.line("processes that died of it each time: " + deaths);
        finding.promise(
                most <= ClusterKind.MOST_CRASHES,
                String.format(Locale.ROOT, "at most %d died", ClusterKind.MOST_CRASHES));
        finding.figures("from a death to the last of the others elsewhere", Figures.of(absences))
                .target(
                        Figures.of(absences).median() <= limit,
                        String.format(Locale.ROOT, "the others run elsewhere in a median of at most %.0f ms", limit));
        bed.evidence().addTo(finding);
        return finding;
    }

    private void cycle(TestBed bed) {
        int before = bed.evidence().faults().size();
        new IdleClient(bed.busiestNode()).startHalting();
        bed.await("the child that halts is quarantined", () -> isQuarantined(bed));
        bed.awaitEveryChild();
        List<Fault> died = bed.evidence().faults().stream()
                .skip(before)
                .filter(fault -> fault.kind() == Fault.Kind.KILL)
                .toList();
        deaths.add(died.size());
        died.forEach(fault -> absence(bed, fault).ifPresent(nanos -> absences.add(nanos / 1e6)));
        recover(bed);
    }

    private static boolean isQuarantined(TestBed bed) {
        return bed.jdbc()
                .sql(
                        "select exists (select from mirrored_supervisor.child where type = 'halting' and phase = 'QUARANTINED')")
                .query(Boolean.class)
                .single();
    }

    /** From the end of a process to the last of its relays elsewhere, if there were any. */
    private static OptionalLong absence(TestBed bed, Fault fault) {
        List<Run> runs = bed.evidence().runs();
        return runs.stream()
                .filter(run -> run.pid() == fault.pid() && isRelay(run))
                .flatMap(run -> runs.stream()
                        .filter(next -> next.child().equals(run.child()) && next.beginNanos() - fault.nanos() > 0)
                        .limit(1))
                .mapToLong(next -> next.beginNanos() - fault.nanos())
                .max();
    }

    private static boolean isRelay(Run run) {
        return run.child().startsWith("tenant-");
    }

    private static void recover(TestBed bed) {
        NodeProcess survivor = bed.busiestNode();
        new IdleClient(survivor).removeHalting();
        bed.cluster().nodes().stream()
                .filter(node -> node.state() == NodeState.FAILED)
                .forEach(NodeProcess::start);
    }
}
