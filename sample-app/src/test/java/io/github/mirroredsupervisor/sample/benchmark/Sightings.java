package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.benchmark.contender.Work;
import io.github.mirroredsupervisor.sample.witness.WitnessLine;
import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** What the witness saw of a few processes, in the order of the stamps. Not thread-safe. */
final class Sightings {

    private final List<WitnessLine> lines = new ArrayList<>();

    void add(Collection<WitnessLine> more) {
        lines.addAll(more);
    }

    /** Whether a process takes part. */
    boolean isReady(String peer) {
        return lines.stream().anyMatch(line -> line.peer().equals(peer) && isReady(line));
    }

    /** Who began or did something last. */
    Optional<String> owner() {
        return actions()
                .filter(line -> line.mark() != Mark.END)
                .reduce((earlier, later) -> later)
                .map(WitnessLine::peer);
    }

    /** How many children have begun. */
    long begun() {
        return actions()
                .filter(line -> line.mark() == Mark.BEGIN)
                .map(WitnessLine::child)
                .distinct()
                .count();
    }

    /** When another process than the victim first acted after a moment. */
    OptionalLong firstElsewhere(String victim, long after) {
        return ticks().filter(line -> !line.peer().equals(victim) && line.nanos() - after > 0)
                .mapToLong(WitnessLine::nanos)
                .findFirst();
    }

    /** When a process acted last, up to a moment. */
    OptionalLong lastOf(String peer, long until) {
        return ticks().filter(line -> line.peer().equals(peer) && line.nanos() - until <= 0)
                .mapToLong(WitnessLine::nanos)
                .reduce((earlier, later) -> later);
    }

    /** How often a process acted after a moment. */
    long ticksOf(String peer, long after) {
        return ticks().filter(line -> line.peer().equals(peer) && line.nanos() - after > 0)
                .count();
    }

    /** How often a process acted in all. */
    long ticksOf(String peer) {
        return ticks().filter(line -> line.peer().equals(peer)).count();
    }

    /** When the last of some children began in another process after a moment; empty before all of them have. */
    OptionalLong allElsewhere(Collection<String> children, String victim, long after) {
        Set<String> missing = new HashSet<>(children);
        return actions()
                .filter(line -> line.mark() == Mark.BEGIN
                        && !line.peer().equals(victim)
                        && line.nanos() - after > 0
                        && missing.remove(line.child())
                        && missing.isEmpty())
                .mapToLong(WitnessLine::nanos)
                .findFirst();
    }

    private Stream<WitnessLine> ticks() {
        return lines.stream().filter(line -> line.mark() == Mark.TICK);
    }

    private Stream<WitnessLine> actions() {
        return lines.stream().filter(line -> !isReady(line));
    }

    private static boolean isReady(WitnessLine line) {
        return line.child().equals(Work.READY);
    }
}
