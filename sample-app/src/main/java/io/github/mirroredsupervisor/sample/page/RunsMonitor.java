package io.github.mirroredsupervisor.sample.page;

import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Run;
import io.github.mirroredsupervisor.sample.witness.RunObserver;
import io.github.mirroredsupervisor.sample.witness.Takeover;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The runs, faults and takeovers of the last minute. All but {@link #noteFault} for one thread. */
final class RunsMonitor {

    private static final Duration REMEMBERED = Duration.ofSeconds(61);

    private final RunObserver observer;
    private final List<Fault> recentFaults = new ArrayList<>();

    RunsMonitor(Path witness) {
        this.observer = new RunObserver(witness);
    }

    /** From any thread. */
    void noteFault(Fault fault) {
        observer.note(fault);
    }

    void update() {
        long horizon = System.nanoTime() - REMEMBERED.toNanos();
        recentFaults.addAll(observer.update());
        recentFaults.removeIf(fault -> fault.nanos() - horizon < 0);
        observer.ledger().forgetBefore(horizon);
    }

    List<Run> runs() {
        return observer.ledger().all();
    }

    List<Run> newestRuns() {
        return observer.ledger().newest();
    }

    List<Fault> recentFaults() {
        return List.copyOf(recentFaults);
    }

    List<Takeover> takeovers() {
        return observer.takeovers().newestFirst();
    }
}
