package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.measure.OverlapCheck.Violation;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.witness.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The lock session of a live owner of immediate children is ended, and right after it that of the peer that took them.
 * Each child moves once at most. For a moment two of its runs may overlap, which immediate children must tolerate. An
 * owner that shows its next lock before a peer has taken its children keeps them.
 */
final class FalseAlarmScenario implements Scenario {

    /** A run begins a few milliseconds after it was granted; how many varies. */
    private static final Duration JITTER = Duration.ofMillis(100);

    private final List<Double> moved = new ArrayList<>();

    @Override
    public Finding run(TestBed bed, int cycles) {
        bed.awaitRest();
        List<String> peers = bed.alivePeers();
        int overlapsBefore = bed.evidence().overlaps().overlaps().size();
        long begun = System.nanoTime();
        for (int cycle = 0; cycle < cycles; cycle++) {
            bed.awaitRest();
            bed.pass(bed.profile().lease().multipliedBy(2));
            cycle(bed);
        }
        bed.pass(bed.profile().lease().multipliedBy(2));
        bed.awaitRest();
        Finding finding = new Finding("The lock session of the live owner of immediate children terminated");
        finding.figures("from its end to the last child elsewhere", Figures.of(moved));
        finding.line("        " + (cycles - moved.size()) + " of " + cycles
                + " times the owner showed its next lock before anybody had moved them");
        double shortest = shortestTenure(bed, begun);
        finding.promise(
                shortest >= bed.profile().lease().minus(JITTER).toMillis(),
                String.format(Locale.ROOT, "no child moved again within a lease: %.0f ms at least", shortest));
        finding.promise(bed.alivePeers().equals(peers), "nobody was declared dead: the same incarnations live");
        OverlapCheck.Result check = bed.evidence().overlaps();
        List<Violation> overlaps =
                check.overlaps().subList(overlapsBefore, check.overlaps().size());
        finding.figures(
                "how long two runs of a child overlapped",
                Figures.of(
                        overlaps.stream().map(overlap -> overlap.nanos() / 1e6).toList()));
        AuditReport report = bed.evidence().audit();
        finding.promise(
                report.delivered() > 0 && report.duplicates() == 0 && report.gaps() == 0,
                report.delivered() + " orders delivered so far: " + report.duplicates() + " twice, " + report.gaps()
                        + " skipped");
        finding.line("        " + report.reorderings() + " out of order, " + report.staleWrites()
                + " by a run that had been replaced");
        return finding;
    }

    private void cycle(TestBed bed) {
        NodeProcess owner = bed.busiestNode();
        bed.await(
                "the owner's session is watched",
                () -> bed.watchers(owner) == bed.cluster().nodes().size() - 1);
        long gone = System.nanoTime();
        SessionsScenario.terminateLock(bed, owner);
        bed.await(
                "every child has moved, or does not",
                () -> hasMoved(bed, owner)
                        || System.nanoTime() - gone > bed.profile().lease().toNanos());
        if (hasMoved(bed, owner)) {
            moved.add(newest(bed).stream()
                            .mapToLong(run -> run.beginNanos() - gone)
                            .max()
                            .orElseThrow()
                    / 1e6);
            SessionsScenario.terminateLock(bed, bed.busiestNode());
        }
    }

    private static boolean hasMoved(TestBed bed, NodeProcess owner) {
        return newest(bed).stream().allMatch(run -> run.pid() != owner.pid());
    }

    private static List<Run> newest(TestBed bed) {
        return bed.evidence().newestRuns();
    }

    /** Between the beginnings of two runs of the same child, in milliseconds; infinite if no child has moved. */
    private static double shortestTenure(TestBed bed, long begun) {
        return bed.evidence().runs().stream()
                .filter(run -> run.beginNanos() - begun > 0)
                .collect(Collectors.groupingBy(Run::child))
                .values()
                .stream()
                .mapToDouble(FalseAlarmScenario::shortest)
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    private static double shortest(List<Run> runs) {
        List<Long> begins = runs.stream()
                .map(Run::beginNanos)
                .sorted(Comparator.naturalOrder())
                .toList();
        double shortest = Double.POSITIVE_INFINITY;
        for (int i = 1; i < begins.size(); i++) {
            shortest = Math.min(shortest, (begins.get(i) - begins.get(i - 1)) / 1e6);
        }
        return shortest;
    }
}
