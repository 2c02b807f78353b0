package io.github.mirroredsupervisor.sample.witness;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a fault cost: how long each child of the lost process was without a runner. Not thread-safe.
 *
 * <p>After a kill or a pause that is counted from the signal. After a graceful stop it is counted from the moment in
 * which the old run ended, for each child by itself. A run that was stuck, and so wrote no end, ended with its process.
 */
public final class Takeover {

    private final Fault fault;
    private final Map<String, Move> moves = new TreeMap<>();

    /** When the process was gone; null as long as it is not known to be. */
    private @Nullable Long ended;

    private static final class Move {
        private @Nullable Long end;
        private @Nullable Long begin;
    }

    /**
     * @param fault the fault
     * @param children what its process ran
     */
    Takeover(Fault fault, Iterable<String> children) {
        this.fault = fault;
        children.forEach(child -> moves.put(child, new Move()));
    }

    void accept(WitnessLine line) {
        Move move = moves.get(line.child());
        if (move == null || line.nanos() - fault.nanos() < 0) {
            return;
        }
        if (line.mark() == WitnessLine.Mark.END && line.pid() == fault.pid() && move.end == null) {
            move.end = line.nanos();
        } else if (line.mark() == WitnessLine.Mark.BEGIN && line.pid() != fault.pid() && move.begin == null) {
            move.begin = line.nanos();
        }
    }

    /** A process is gone, with all of its runs. */
    void ended(Fault end) {
        if (end.pid() == fault.pid()) {
            ended = end.nanos();
        }
    }

    /** The process goes on before anybody took over: what has not moved by now will not. */
    void callOff() {
        moves.values().removeIf(move -> move.begin == null);
    }

    public Fault fault() {
        return fault;
    }

    /** How many children are, or were, to move. */
    public int children() {
        return moves.size();
    }

    /** How many of them run elsewhere. */
    public int moved() {
        return (int) nanos().count();
    }

    public boolean isComplete() {
        return moved() == children();
    }

    /** The gaps of the children that run elsewhere, in milliseconds, shortest first. */
    public double[] millis() {
        return nanos().mapToDouble(gap -> gap / 1e6).sorted().toArray();
    }

    private Stream<Long> nanos() {
        return moves.values().stream().map(this::gap).filter(Objects::nonNull);
    }

    /** Null if the child does not run elsewhere, or its old run has not ended. */
    private @Nullable Long gap(Move move) {
        if (move.begin == null) {
            return null;
        }
        if (fault.kind() != Fault.Kind.STOP) {
            return move.begin - fault.nanos();
        }
        Long end = move.end == null ? ended : move.end;
        return end == null ? null : move.begin - end;
    }
}
