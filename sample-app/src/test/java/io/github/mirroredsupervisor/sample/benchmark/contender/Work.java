package io.github.mirroredsupervisor.sample.benchmark.contender;

import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import io.github.mirroredsupervisor.sample.witness.WitnessWriter;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** What an owner does, whatever made it the owner: it writes to the witness that it acts. Thread-safe. */
public final class Work {

    /** What a process writes when it takes part. */
    public static final String READY = "ready";

    private static final long TICK_MILLIS = 2;
    private static final long QUIET_MILLIS = 1_000;

    private final WitnessWriter witness;
    private final int children;
    private final boolean quiet;

    Work(ContenderProperties properties) {
        this.witness = new WitnessWriter(properties.peer(), properties.witness());
        this.children = properties.children();
        this.quiet = properties.quiet();
    }

    /** The names of a number of children. */
    public static List<String> names(int children) {
        return IntStream.rangeClosed(1, children)
                .mapToObj(number -> "child-" + number)
                .toList();
    }

    /** The children that the owner runs. */
    public List<String> children() {
        return names(children);
    }

    void ready() {
        witness.write(READY, 0, Mark.BEGIN);
    }

    /** Runs one child for as long as this process owns it, or until the thread is interrupted. */
    public void run(String child, BooleanSupplier owns) {
        run(child, owns, owns);
    }

    /**
     * Runs one child until it is to end, or the thread is interrupted.
     *
     * @param goesOn whether it is not to end yet
     * @param mayAct asked before each act
     */
    public void run(String child, BooleanSupplier goesOn, BooleanSupplier mayAct) {
        witness.write(child, 0, Mark.BEGIN);
        try {
            while (goesOn.getAsBoolean()) {
                if (!quiet && mayAct.getAsBoolean()) {
                    witness.write(child, 0, Mark.TICK);
                }
                Thread.sleep(quiet ? QUIET_MILLIS : TICK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            witness.write(child, 0, Mark.END);
        }
    }
}
