package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.benchmark.contender.Work;
import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import io.github.mirroredsupervisor.sample.process.Signals;
import io.github.mirroredsupervisor.sample.witness.WitnessReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Three new processes of one contender on a database of their own, and one strike: the takeover is the first in the
 * life of its JVM. For one thread.
 */
final class Trial implements AutoCloseable {

    private static final int PROCESSES = 3;
    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration END = Duration.ofSeconds(40);

    /** How long a process that was resumed is watched. */
    static final Duration AFTERMATH = Duration.ofSeconds(5);

    /** A process still loads classes for a while, and what it reads of them counts as well. */
    private static final Duration WARM_UP = Duration.ofSeconds(20);

    private static final long LOOK_NANOS = 20_000_000L;

    private final Contender contender;
    private final Strike strike;
    private final BenchmarkOptions options;
    private final BenchmarkServer server;
    private final GuardianProcess guardian;
    private final Class<?> mainClass;
    private final String name;
    private final Path folder;
    private final int children;
    private final WitnessReader witness;
    private final Sightings sightings = new Sightings();
    private final List<ContenderProcess> processes = new ArrayList<>();

    /**
     * @param number different for each trial of a benchmark
     * @param mainClass what runs a process with {@code --role=contender}
     */
    Trial(
            int number,
            Contender contender,
            Strike strike,
            BenchmarkOptions options,
            BenchmarkServer server,
            GuardianProcess guardian,
            Class<?> mainClass) {
        this.contender = contender;
        this.strike = strike;
        this.options = options;
        this.server = server;
        this.guardian = guardian;
        this.mainClass = mainClass;
        this.name = "trial_" + number;
        this.folder = guardian.folder().root().resolve(name);
        this.children = strike == Strike.MASS ? options.children() : 1;
        try {
            Files.createDirectories(folder.resolve("witness"));
        } catch (IOException e) {
            throw new BenchmarkException("Cannot create " + folder, e);
        }
        this.witness = new WitnessReader(folder.resolve("witness"));
    }

    /** Starts the first process alone, so that it owns all; then the others. */
    void start(long residentMegabytes) {
        String url = server.create(name);
        start(1, url, residentMegabytes);
        await("the first process owns all", () -> sightings.isReady("process-1") && sightings.begun() >= children);
        for (int number = 2; number <= PROCESSES; number++) {
            start(number, url, residentMegabytes);
        }
        await(
                "all processes take part",
                () -> processes.stream().allMatch(process -> sightings.isReady(process.peer())));
        pass(strike == Strike.REST ? options.settle().plus(WARM_UP) : options.settle());
    }

    private void start(int number, String url, long residentMegabytes) {
        String peer = "process-" + number;
        boolean quiet = strike == Strike.MASS || strike == Strike.REST;
        List<String> arguments = List.of(
                "--role=contender",
                "--contender=" + contender.label(),
                contender.property(),
                "--spring.config.name=contender", // not the sample's own
                "--spring.application.name=benchmark",
                "--spring.main.banner-mode=off",
                "--spring.main.keep-alive=true",
                "--spring.flyway.enabled=false",
                "--spring.datasource.url=" + url,
                "--spring.datasource.username=" + server.user(),
                "--benchmark.peer=" + peer,
                "--benchmark.number=" + number,
                "--benchmark.processes=" + PROCESSES,
                "--benchmark.witness=" + folder.resolve("witness"),
                "--benchmark.children=" + children,
                "--benchmark.quiet=" + quiet,
                "--benchmark.base-port=" + options.basePort(),
                "--benchmark.resident-megabytes=" + residentMegabytes);
        ContenderProcess process = ContenderProcess.start(mainClass, peer, arguments, folder.resolve(peer + ".log"));
        guardian.process(process.pid());
        processes.add(process);
    }

    /** Does to the owner what the strike says, unless it is {@link Strike#REST}. */
    Outcome strike() {
        ContenderProcess victim = owner();
        OptionalLong megabytes = victim.megabytes();
        return switch (strike) {
            case KILL -> {
                long at = System.nanoTime();
                victim.kill();
                yield outcome(at, elsewhere(victim, at), OptionalLong.empty(), megabytes);
            }
            case MASS -> {
                List<String> all = Work.names(children);
                long at = System.nanoTime();
                victim.kill();
                patiently(() -> sightings.allElsewhere(all, victim.peer(), at).isPresent());
                yield outcome(at, sightings.allElsewhere(all, victim.peer(), at), OptionalLong.empty(), megabytes);
            }
            case STOP -> stop(victim, megabytes);
            case HANG -> hang(victim, megabytes);
            case REST -> throw new IllegalStateException("nobody is struck");
        };
    }

    private Outcome stop(ContenderProcess victim, OptionalLong megabytes) {
        long at = System.nanoTime();
        victim.terminate();
        OptionalLong next = elsewhere(victim, at);
        if (next.isEmpty()) {
            return outcome(at, next, OptionalLong.empty(), megabytes);
        }
        victim.awaitEnd(END);
        look();
        return outcome(
                sightings.lastOf(victim.peer(), next.getAsLong()).orElse(at),
                next,
                OptionalLong.of(sightings.ticksOf(victim.peer(), next.getAsLong())),
                megabytes);
    }

    private Outcome hang(ContenderProcess victim, OptionalLong megabytes) {
        Signals.pause(victim.pid());
        long at = System.nanoTime();
        OptionalLong next = elsewhere(victim, at);
        long last = sightings.lastOf(victim.peer(), at).orElse(at);
        long before = sightings.ticksOf(victim.peer()); // all that it has written: what it writes later is late
        Signals.resume(victim.pid());
        if (next.isEmpty()) {
            return outcome(last, next, OptionalLong.empty(), megabytes);
        }
        pass(AFTERMATH);
        return outcome(last, next, OptionalLong.of(sightings.ticksOf(victim.peer()) - before), megabytes);
    }

    private OptionalLong elsewhere(ContenderProcess victim, long at) {
        patiently(() -> sightings.firstElsewhere(victim.peer(), at).isPresent());
        return sightings.firstElsewhere(victim.peer(), at);
    }

    private Outcome outcome(long from, OptionalLong to, OptionalLong overlap, OptionalLong megabytes) {
        OptionalDouble millis =
                to.isPresent() ? OptionalDouble.of((to.getAsLong() - from) / 1e6) : OptionalDouble.empty();
        return new Outcome(contender, strike, millis, overlap, megabytes);
    }

    /** What the processes cost while nothing happens. */
    Cost rest() {
        double all = PROCESSES * options.rest().toNanos() / 1e9;
        Duration cpu = processorTime();
        OptionalLong bytes = bytes();
        long statements =
                server.statements(() -> LockSupport.parkNanos(options.rest().toNanos()));
        OptionalLong later = bytes();
        return new Cost(
                contender,
                statements / all,
                bytes.isPresent() && later.isPresent()
                        ? OptionalDouble.of((later.getAsLong() - bytes.getAsLong()) / all)
                        : OptionalDouble.empty(),
                processorTime().minus(cpu).toNanos() / 1e6 / all);
    }

    private Duration processorTime() {
        return processes.stream().map(ContenderProcess::processorTime).reduce(Duration.ZERO, Duration::plus);
    }

    private OptionalLong bytes() {
        List<OptionalLong> each =
                processes.stream().map(ContenderProcess::bytes).toList();
        return each.stream().allMatch(OptionalLong::isPresent)
                ? OptionalLong.of(
                        each.stream().mapToLong(OptionalLong::getAsLong).sum())
                : OptionalLong.empty();
    }

    private ContenderProcess owner() {
        look();
        String peer = sightings.owner().orElseThrow(() -> failure("nobody owns anything"));
        return processes.stream()
                .filter(process -> process.peer().equals(peer))
                .findFirst()
                .orElseThrow();
    }

    private void look() {
        sightings.add(witness.readNew());
    }

    private void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (end - System.nanoTime() > 0) {
            LockSupport.parkNanos(Math.min(LOOK_NANOS, Math.max(1, end - System.nanoTime())));
        }
        look();
    }

    /** Waits for as long as a takeover may take. */
    private boolean patiently(BooleanSupplier condition) {
        return until(condition, options.patience());
    }

    private void await(String what, BooleanSupplier condition) {
        boolean reached = until(
                () -> {
                    processes.stream()
                            .filter(process -> !process.process().isAlive())
                            .findFirst()
                            .ifPresent(dead -> {
                                throw failure(dead.peer() + " ended by itself");
                            });
                    return condition.getAsBoolean();
                },
                START);
        if (!reached) {
            throw failure("not reached in " + START.toSeconds() + " s: " + what);
        }
    }

    private boolean until(BooleanSupplier condition, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (end - System.nanoTime() < 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_NANOS);
            look();
        }
        return true;
    }

    private BenchmarkException failure(String what) {
        return new BenchmarkException(contender.label() + ", " + strike.label() + ": " + what + "\n"
                + processes.stream().map(ContenderProcess::logTail).collect(Collectors.joining("\n")));
    }

    @Override
    public void close() {
        processes.forEach(ContenderProcess::kill);
        processes.forEach(process -> process.awaitEnd(END));
        server.drop(name);
    }
}
