package io.github.mirroredsupervisor.sample.witness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Follows the witness files and the faults, and keeps the runs and takeovers. All but {@link #note} for one thread. */
public final class RunObserver {

    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final RunLedger ledger = new RunLedger();
    private final Takeovers takeovers = new Takeovers(ledger);
    private final WitnessReader reader;

    /** Reads the witness files of that folder. */
    public RunObserver(Path witness) {
        this.reader = new WitnessReader(witness);
    }

    /** Takes notice of a fault, from any thread. */
    public void note(Fault fault) {
        faults.add(fault);
    }

    /** Takes in what is new, in the order of the stamps, and returns the new faults. */
    public List<Fault> update() {
        List<Fault> happened = new ArrayList<>();
        for (Fault fault = faults.poll(); fault != null; fault = faults.poll()) {
            happened.add(fault);
        }
        happened.sort(Comparator.comparingLong(Fault::nanos));
        int next = 0;
        for (WitnessLine line : reader.readNew()) {
            while (next < happened.size() && happened.get(next).nanos() - line.nanos() < 0) {
                takeovers.accept(happened.get(next++));
            }
            takeovers.accept(line);
        }
        happened.subList(next, happened.size()).forEach(takeovers::accept);
        return happened;
    }

    public RunLedger ledger() {
        return ledger;
    }

    public Takeovers takeovers() {
        return takeovers;
    }
}
