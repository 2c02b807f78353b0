package io.github.mirroredsupervisor.sample.witness;

import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The offline check of witness files: no two runs of one child overlap, and tokens rise in the order in which runs begin.
 *
 * <p>A run lasts from its first line to its last; a killed process leaves no END, and then its last TICK is the last that
 * is known of it. What a paused process does late is counted by itself, because no lease can prevent it: a run that was
 * standing still when its successor began is not an overlap, but its ticks after that moment are late ticks.
 */
public final class OverlapCheck {

    private final Collection<Pause> pauses;
    private final List<Violation> overlaps = new ArrayList<>();
    private final List<Violation> disorders = new ArrayList<>();
    private int runs;
    private long lateTicks;

    private OverlapCheck(Collection<Pause> pauses) {
        this.pauses = pauses;
    }

    /** When a process stood still. */
    public record Pause(long pid, long fromNanos, long toNanos) {

        boolean covers(long holder, long nanos) {
            return holder == pid && nanos - fromNanos >= 0 && nanos - toNanos <= 0;
        }
    }

    /**
     * Two runs that must not have been.
     *
     * @param child the child
     * @param olderPid the process of the run that began first
     * @param olderToken its token
     * @param newerPid the process of the other
     * @param newerToken its token
     * @param nanos how long both ran; 0 if only their tokens are in the wrong order
     */
    public record Violation(String child, long olderPid, long olderToken, long newerPid, long newerToken, long nanos) {}

    /**
     * What was found.
     *
     * @param runs how many runs were seen
     * @param overlaps pairs of runs at the same time
     * @param disorders pairs of runs whose tokens do not rise
     * @param lateTicks acts of resumed processes after their successors began
     */
    public record Result(int runs, List<Violation> overlaps, List<Violation> disorders, long lateTicks) {

        public boolean isClean() {
            return overlaps.isEmpty() && disorders.isEmpty();
        }
    }

    private record RunKey(long pid, long token) {}

    private static final class Span {
        private final RunKey key;
        private final List<Long> ticks = new ArrayList<>();
        private final long first;
        private long last;

        private Span(RunKey key, long first) {
            this.key = key;
            this.first = first;
            this.last = first;
        }

        private void add(WitnessLine line) {
            last = line.nanos();
            if (line.mark() == Mark.TICK) {
                ticks.add(line.nanos());
            }
        }
    }

    /**
     * Checks all lines of one cluster, in any order.
     *
     * @param lines the lines of all nodes
     * @param pauses when processes stood still
     */
    public static Result check(Collection<WitnessLine> lines, Collection<Pause> pauses) {
        OverlapCheck check = new OverlapCheck(pauses);
        lines.stream()
                .sorted(Comparator.comparingLong(WitnessLine::nanos))
                .collect(Collectors.groupingBy(WitnessLine::child))
                .forEach(check::child);
        return new Result(check.runs, List.copyOf(check.overlaps), List.copyOf(check.disorders), check.lateTicks);
    }

    private void child(String child, List<WitnessLine> lines) {
        List<Span> spans = spans(lines);
        runs += spans.size();
        for (int newer = 1; newer < spans.size(); newer++) {
            for (int older = 0; older < newer; older++) {
                compare(child, spans.get(older), spans.get(newer));
            }
        }
    }

    /** In the order of their beginnings. */
    private static List<Span> spans(List<WitnessLine> lines) {
        Map<RunKey, Span> spans = new LinkedHashMap<>();
        for (WitnessLine line : lines) {
            spans.computeIfAbsent(new RunKey(line.pid(), line.token()), key -> new Span(key, line.nanos()))
                    .add(line);
        }
        return List.copyOf(spans.values());
    }

    private void compare(String child, Span older, Span newer) {
        if (newer.key.token() <= older.key.token()) {
            disorders.add(violation(child, older, newer, 0));
        }
        if (older.last - newer.first <= 0) {
            return;
        }
        if (pauses.stream().anyMatch(pause -> pause.covers(older.key.pid(), newer.first))) {
            lateTicks +=
                    older.ticks.stream().filter(tick -> tick - newer.first > 0).count();
        } else {
            overlaps.add(violation(child, older, newer, Math.min(older.last, newer.last) - newer.first));
        }
    }

    private static Violation violation(String child, Span older, Span newer, long nanos) {
        return new Violation(child, older.key.pid(), older.key.token(), newer.key.pid(), newer.key.token(), nanos);
    }
}
