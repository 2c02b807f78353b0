package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.measure.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What all trials showed so far. Not thread-safe. */
final class Results {

    private final List<Outcome> outcomes = new ArrayList<>();
    private final List<Cost> costs = new ArrayList<>();

    void add(Outcome outcome) {
        outcomes.add(outcome);
    }

    void add(Cost cost) {
        costs.add(cost);
    }

    List<Outcome> of(Contender contender, Strike strike) {
        return outcomes.stream()
                .filter(outcome -> outcome.contender() == contender && outcome.strike() == strike)
                .toList();
    }

    /** The milliseconds of the takeovers that happened. */
    List<Double> millis(Contender contender, Strike strike) {
        return of(contender, strike).stream()
                .filter(outcome -> outcome.millis().isPresent())
                .map(outcome -> outcome.millis().getAsDouble())
                .toList();
    }

    /** Whether a takeover did not happen in time: another trial would only wait again. */
    boolean isHopeless(Contender contender, Strike strike) {
        return of(contender, strike).stream()
                .anyMatch(outcome -> outcome.millis().isEmpty());
    }

    Figures overlaps(Contender contender, Strike strike) {
        return Figures.of(of(contender, strike).stream()
                .filter(outcome -> outcome.overlap().isPresent())
                .map(outcome -> (double) outcome.overlap().getAsLong())
                .toList());
    }

    Figures megabytes(Contender contender, Strike strike) {
        return Figures.of(of(contender, strike).stream()
                .filter(outcome -> outcome.megabytes().isPresent())
                .map(outcome -> (double) outcome.megabytes().getAsLong())
                .toList());
    }

    /** How much of the last victim was in memory. */
    OptionalLong lastMegabytes(Contender contender, Strike strike) {
        return of(contender, strike).stream()
                .map(Outcome::megabytes)
                .reduce((earlier, later) -> later)
                .orElse(OptionalLong.empty());
    }

    Optional<Cost> cost(Contender contender) {
        return costs.stream().filter(cost -> cost.contender() == contender).findFirst();
    }
}
