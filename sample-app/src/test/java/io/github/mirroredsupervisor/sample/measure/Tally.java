package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.measure.Dossier.Feats;
import io.github.mirroredsupervisor.sample.witness.Run;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the strikes of a soak cost, by kind. Not thread-safe. */
final class Tally {

    private final Map<Trouble, Kind> kinds = new EnumMap<>(Trouble.class);
    private Cycle worst = new Cycle(null, 0, 0, 0, List.of());

    /**
     * A strike and its effect on the children.
     *
     * @param strike null for none
     * @param gapMillis the longest time that a child did not run
     * @param fromNanos when it began
     * @param toNanos when all was at rest again
     * @param runs the runs between the two moments
     */
    record Cycle(@Nullable Strike strike, double gapMillis, long fromNanos, long toNanos, List<Run> runs) {}

    /** All strikes of one kind. */
    static final class Kind {
        private int strikes;
        private int moves;
        private int unexplained;
        private final List<Double> takeovers = new ArrayList<>();
        private final List<Double> gaps = new ArrayList<>();

        int strikes() {
            return strikes;
        }

        int moves() {
            return moves;
        }

        /** Moves of children that the trouble did not concern. */
        int unexplained() {
            return unexplained;
        }

        /** Milliseconds until the last child of a lost process ran elsewhere. */
        List<Double> takeovers() {
            return takeovers;
        }

        /** The longest time of each strike that a child did not run, in milliseconds. */
        List<Double> gaps() {
            return gaps;
        }
    }

    void takeover(Trouble trouble, double millis) {
        of(trouble).takeovers.add(millis);
    }

    void add(Cycle cycle, Trouble trouble, int moves, int unexplained) {
        Kind kind = of(trouble);
        kind.strikes++;
        kind.moves += moves;
        kind.unexplained += unexplained;
        if (cycle.gapMillis() > 0) {
            kind.gaps.add(cycle.gapMillis());
        }
        if (cycle.gapMillis() > worst.gapMillis()) {
            worst = cycle;
        }
    }

    private Kind of(Trouble trouble) {
        return kinds.computeIfAbsent(trouble, one -> new Kind());
    }

    Map<Trouble, Kind> kinds() {
        return kinds;
    }

    /** The cycle in which a child did not run for the longest time. */
    Cycle worst() {
        return worst;
    }

    int strikes() {
        return kinds.values().stream().mapToInt(Kind::strikes).sum();
    }

    int moves() {
        return kinds.values().stream().mapToInt(Kind::moves).sum();
    }

    int unexplained() {
        return kinds.values().stream().mapToInt(Kind::unexplained).sum();
    }

    int takeovers() {
        return kinds.values().stream().mapToInt(kind -> kind.takeovers().size()).sum();
    }

    /** Together with the numbers that were counted elsewhere. */
    Feats feats(int possibleKinds, int statementKills, int failedStarts) {
        List<String> lines = new ArrayList<>();
        kinds.forEach((trouble, kind) -> lines.add(SoakReport.line(trouble, kind)));
        return new Feats(
                lines,
                strikes(),
                kinds.size(),
                possibleKinds,
                takeovers(),
                moves(),
                unexplained(),
                statementKills,
                failedStarts);
    }
}
