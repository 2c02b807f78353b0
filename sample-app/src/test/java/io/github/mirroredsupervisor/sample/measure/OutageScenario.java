package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The database is away for a while: the children stop in time, and run again where they were. */
final class OutageScenario implements Scenario {

    private static final Duration AWAY = Duration.ofSeconds(20);

    /** For each child three lines: stopped, claimed again, started. And some for the node itself. */
    private static final long LINES_PER_CHILD = 3;

    private static final long LINES_PER_NODE = 20;

    @Override
    public Finding run(TestBed bed, int cycles) {
        Finding finding = new Finding("PostgreSQL away for " + AWAY.toSeconds() + " s");
        Stillness stillness = new Stillness(bed);
        List<Long> linesBefore = lines(bed);
        long gone = System.nanoTime();
        bed.database().stop();
        bed.pass(AWAY.minusNanos(System.nanoTime() - gone));
        boolean allStopped = bed.owners().isEmpty();
        finding.figures("from the outage to a child's end", since(gone, ends(bed, gone)));
        finding.promise(allStopped, "every child stopped while the database was away");
        bed.database().start();
        long back = System.nanoTime();
        bed.awaitRest();
        finding.figures("from the database's return to a child's beginning", since(back, begins(bed, gone)));
        stillness.addTo(finding);
        long most = mostLines(linesBefore, lines(bed));
        long limit = LINES_PER_CHILD * bed.children() + LINES_PER_NODE;
        finding.target(most <= limit, "no node's log grew by more than " + limit + " lines: " + most);
        bed.evidence().addTo(finding);
        return finding;
    }

    private static List<Long> ends(TestBed bed, long gone) {
        return bed.evidence().runs().stream()
                .flatMap(run -> Stream.ofNullable(run.endNanos()))
                .filter(end -> end - gone > 0)
                .toList();
    }

    private static List<Long> begins(TestBed bed, long gone) {
        return bed.evidence().runs().stream()
                .map(run -> run.beginNanos())
                .filter(begin -> begin - gone > 0)
                .toList();
    }

    private static Figures since(long origin, List<Long> moments) {
        return Figures.of(
                moments.stream().map(moment -> (moment - origin) / 1e6).toList());
    }

    private static List<Long> lines(TestBed bed) {
        List<Long> counts = new ArrayList<>();
        for (NodeProcess node : bed.cluster().nodes()) {
            try (Stream<String> lines = Files.lines(node.log())) {
                counts.add(lines.count());
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read the log of " + node.name(), e);
            }
        }
        return counts;
    }

    private static long mostLines(List<Long> before, List<Long> after) {
        long most = 0;
        for (int node = 0; node < before.size(); node++) {
            most = Math.max(most, after.get(node) - before.get(node));
        }
        return most;
    }
}
