package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.launcher.Arguments;
import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is compared, and how often.
 *
 * @param systems which
 * @param strikes which
 * @param rounds how often each strike is done to each system, one round of all after the other
 * @param children how many children {@code mass} has
 * @param settle how long to wait before a strike: processes that have just started are still busy
 * @param patience how long to wait for a takeover
 * @param rest how long {@code rest} counts
 * @param basePort the first port for systems whose processes talk to each other
 * @param report the folder for the page and its picture; null for none
 */
record BenchmarkOptions(
        List<Contender> systems,
        List<Strike> strikes,
        int rounds,
        int children,
        Duration settle,
        Duration patience,
        Duration rest,
        int basePort,
        @Nullable Path report) {

    private static final Set<String> NAMES = Set.of(
            "systems", "strikes", "rounds", "children", "settle", "patience", "rest-seconds", "base-port", "report");

    static BenchmarkOptions of(Arguments arguments) {
        arguments.requireKnown(NAMES);
        if (!arguments.properties().isEmpty()) {
            throw new InvalidArgumentException("The benchmark sets what its processes are told: leave "
                    + String.join(" ", arguments.properties()) + " out");
        }
        String report = arguments.text("report", "");
        return new BenchmarkOptions(
                Contender.list(arguments.text("systems", "")),
                Strike.list(arguments.text("strikes", "")),
                arguments.number("rounds", 5, 1, 1_000),
                arguments.number("children", 1_000, 2, 10_000),
                Duration.ofMillis(arguments.number("settle", 3_000, 0, 600_000)),
                Duration.ofSeconds(arguments.number("patience", 60, 1, 3_600)),
                Duration.ofSeconds(arguments.number("rest-seconds", 20, 1, 3_600)),
                arguments.number("base-port", 28_100, 1_024, 60_000),
                report.isEmpty() ? null : Path.of(report));
    }
}
