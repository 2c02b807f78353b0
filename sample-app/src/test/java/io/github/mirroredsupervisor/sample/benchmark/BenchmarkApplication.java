package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.SampleApplication;
import io.github.mirroredsupervisor.sample.benchmark.contender.ContenderApplication;
import io.github.mirroredsupervisor.sample.launcher.Arguments;
import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Compares systems: strikes each of them in turn, round after round, and prints what that costs. */
public final class BenchmarkApplication {

    private final BenchmarkOptions options;
    private final GuardianProcess guardian;
    private final BenchmarkServer server;
    private final Class<?> mainClass;
    private final Results results = new Results();
    private final List<String> failures = new ArrayList<>();
    private int trials;

    private BenchmarkApplication(
            BenchmarkOptions options, GuardianProcess guardian, BenchmarkServer server, Class<?> mainClass) {
        this.options = options;
        this.guardian = guardian;
        this.server = server;
        this.mainClass = mainClass;
    }

    /**
     * Runs the benchmark, or one process of it. Ends the process with code 1 if a trial failed, and with 2 if the
     * command line cannot be used.
     *
     * @param mainClass the main class, which does no more than call this; it is started for each process
     */
    public static void run(Class<?> mainClass, String... args) {
        try {
            Arguments arguments = Arguments.parse(args);
            switch (arguments.text("role", "benchmark")) {
                case "benchmark" -> benchmark(mainClass, BenchmarkOptions.of(arguments));
                case "contender" ->
                    ContenderApplication.run(
                            Contender.of(arguments.text("contender", "")).type(), args);
                default -> throw new InvalidArgumentException("--role is benchmark (the default)");
            }
        } catch (InvalidArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private static void benchmark(Class<?> mainClass, BenchmarkOptions options) {
        boolean failed;
        try (GuardianProcess guardian = GuardianProcess.start(SampleApplication.class);
                BenchmarkServer server = BenchmarkServer.start(guardian)) {
            failed = new BenchmarkApplication(options, guardian, server, mainClass).run();
        }
        if (failed) {
            System.exit(1);
        }
    }

    private boolean run() {
        Surroundings surroundings = Surroundings.of(server.version());
        long start = System.nanoTime();
        for (int round = 1; round <= options.rounds(); round++) {
            round(round);
            Page page = new Page(options, results, surroundings, round, Duration.ofNanos(System.nanoTime() - start));
            System.out.println("\n" + page.table() + "\n");
            if (options.report() != null) {
                write(options.report(), page);
            }
        }
        failures.forEach(failure -> System.err.println("\nA trial failed. " + failure));
        return !failures.isEmpty();
    }

    private void round(int round) {
        for (Strike strike : options.strikes()) {
            for (Contender contender : options.systems()) {
                if (isDue(round, contender, strike)) {
                    trial(round, contender, strike);
                }
            }
        }
    }

    /** What nothing happens to is counted once: it does not depend on chance. */
    private boolean isDue(int round, Contender contender, Strike strike) {
        return contender.supports(strike)
                && (strike != Strike.REST || round == 1)
                && !results.isHopeless(contender, strike);
    }

    private void trial(int round, Contender contender, Strike strike) {
        String found;
        try (Trial trial = new Trial(++trials, contender, strike, options, server, guardian, mainClass)) {
            // Of equal size, as the kernel takes longer to end a larger process.
            trial.start(
                    contender == Contender.LOCK
                            ? results.lastMegabytes(Contender.IMMEDIATE, strike).orElse(0)
                            : 0);
            if (strike == Strike.REST) {
                Cost cost = trial.rest();
                results.add(cost);
                found = cost.toString();
            } else {
                Outcome outcome = trial.strike();
                results.add(outcome);
                found = outcome.toString();
            }
        } catch (BenchmarkException e) {
            failures.add(e.getMessage());
            found = "failed";
        }
        System.out.printf("round %d  %-5s %-19s %s%n", round, strike.label(), contender.label(), found);
    }

    private static void write(Path folder, Page page) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("benchmark.md"), page.text());
            Files.writeString(folder.resolve("benchmark.svg"), page.picture());
        } catch (IOException e) {
            throw new BenchmarkException("Cannot write the report to " + folder, e);
        }
    }
}
