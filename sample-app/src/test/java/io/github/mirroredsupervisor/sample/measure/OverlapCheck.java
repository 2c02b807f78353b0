package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.witness.RunObserver;
import io.github.mirroredsupervisor.sample.witness.WitnessLine;
import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The check of witness files: no two runs of one child overlap, tokens rise in the order in which runs begin, and each
 * belongs to one process. It reads incrementally, and remembers no more than it needs. Not thread-safe.
 *
 * <p>A run lasts from its first line to its last. A killed process writes no END; then its last TICK is the last that
 * is known of it. What a paused process does late is counted separately, because no lease can prevent it: a run that
 * stood still when its successor began is not an overlap, but its ticks after that moment are late ticks. A run that
 * was stuck in an uninterruptible call until after its successor had begun could neither act nor end: that is a late
 * end, unless it acts once more.
 */
final class OverlapCheck implements RunObserver.Listener {

    /** A run that was silent for this long writes no more lines. */
    private static final long MEMORY_NANOS = Duration.ofMinutes(10).toNanos();

    /** A live run writes a TICK every few milliseconds. */
    private static final long STUCK_NANOS = Duration.ofMillis(200).toNanos();

    private final Map<String, List<Span>> children = new HashMap<>();
    private final Map<Grant, Long> owners = new HashMap<>();
    private final List<Pause> pauses = new ArrayList<>();
    private final Map<Pair, Violation> overlaps = new LinkedHashMap<>();
    private final List<Violation> disorders = new ArrayList<>();
    private int runs;
    private long lateTicks;
    private long lateEnds;

    /** When a process stood still. */
    public record Pause(long pid, long fromNanos, long toNanos) {

        boolean covers(long holder, long nanos) {
            return holder == pid && nanos - fromNanos >= 0 && nanos - toNanos <= 0;
        }
    }

    /**
     * Two runs that violate a promise.
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
     * @param disorders pairs of runs whose tokens do not rise, or of different processes with the same token
     * @param lateTicks acts of resumed processes after their successors began
     * @param lateEnds ends of stuck runs after their successors began
     */
    public record Result(int runs, List<Violation> overlaps, List<Violation> disorders, long lateTicks, long lateEnds) {

        public boolean isClean() {
            return overlaps.isEmpty() && disorders.isEmpty();
        }
    }

    private record Grant(String child, long token) {}

    private record Pair(Span older, Span newer) {}

    private static final class Span {
        private final long pid;
        private final long token;
        private final long first;
        private long last;
        private long lastAct;

        private Span(WitnessLine line) {
            this.pid = line.pid();
            this.token = line.token();
            this.first = line.nanos();
            this.last = line.nanos();
            this.lastAct = line.nanos();
        }

        private boolean is(WitnessLine line) {
            return pid == line.pid() && token == line.token();
        }
    }

    /**
     * Checks all lines of one cluster, in any order.
     *
     * @param lines the lines of all nodes
     * @param pauses when processes stood still
     */
    public static Result check(Collection<WitnessLine> lines, Collection<Pause> pauses) {
        OverlapCheck check = new OverlapCheck();
        pauses.forEach(check::accept);
        lines.stream().sorted(Comparator.comparingLong(WitnessLine::nanos)).forEach(check::accept);
        return check.result();
    }

    /** Call this before the lines that the process wrote after the pause. */
    public void accept(Pause pause) {
        pauses.add(pause);
    }

    @Override
    public void stoodStill(long pid, long fromNanos, long toNanos) {
        accept(new Pause(pid, fromNanos, toNanos));
    }

    /** The next line in the order of the stamps. */
    @Override
    public void accept(WitnessLine line) {
        List<Span> spans = children.computeIfAbsent(line.child(), child -> new ArrayList<>());
        int index = indexOf(line, spans);
        if (index < 0) {
            begin(line, spans);
            return;
        }
        Span span = spans.get(index);
        span.last = line.nanos();
        span.lastAct = line.mark() == Mark.END ? span.lastAct : line.nanos();
        for (Span newer : spans.subList(index + 1, spans.size())) {
            late(line, span, newer);
        }
    }

    private static int indexOf(WitnessLine line, List<Span> spans) {
        for (int index = spans.size() - 1; index >= 0; index--) {
            if (spans.get(index).is(line)) {
                return index;
            }
        }
        return -1;
    }

    private void begin(WitnessLine line, List<Span> spans) {
        runs++;
        spans.removeIf(span -> line.nanos() - span.last > MEMORY_NANOS);
        Span span = new Span(line);
        for (Span older : spans) {
            if (span.token <= older.token) {
                disorders.add(violation(line.child(), older, span, 0));
            }
        }
        Long other = owners.putIfAbsent(new Grant(line.child(), line.token()), line.pid());
        if (other != null && other != line.pid() && spans.stream().noneMatch(older -> older.token == span.token)) {
            disorders.add(new Violation(line.child(), other, span.token, span.pid, span.token, 0));
        }
        spans.add(span);
    }

    /** A line of a run whose successor has already begun. */
    private void late(WitnessLine line, Span older, Span newer) {
        if (line.nanos() - newer.first <= 0) {
            return;
        }
        if (pauses.stream().anyMatch(pause -> pause.covers(older.pid, newer.first))) {
            lateTicks += line.mark() == Mark.TICK ? 1 : 0;
        } else if (line.mark() == Mark.END && newer.first - older.lastAct > STUCK_NANOS) {
            lateEnds++;
        } else {
            long nanos = Math.min(older.last, Math.max(newer.last, newer.first + 1)) - newer.first;
            overlaps.put(new Pair(older, newer), violation(line.child(), older, newer, nanos));
        }
    }

    public Result result() {
        return new Result(runs, List.copyOf(overlaps.values()), List.copyOf(disorders), lateTicks, lateEnds);
    }

    private static Violation violation(String child, Span older, Span newer, long nanos) {
        return new Violation(child, older.pid, older.token, newer.pid, newer.token, nanos);
    }
}
