package io.github.mirroredsupervisor.sample.witness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Follows the witness files and the faults, and keeps the runs and takeovers. All but {@link #note} for one thread. */
public final class RunObserver {

    /** Is told everything in its order. */
    public interface Listener {

        void accept(WitnessLine line);

        /** A process stood still. Told before the lines that it wrote afterwards. */
        void stoodStill(long pid, long fromNanos, long toNanos);
    }

    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final RunLedger ledger = new RunLedger();
    private final Takeovers takeovers = new Takeovers(ledger);
    private final Map<Long, Fault> standing = new HashMap<>();
    private final WitnessReader reader;
    private final @Nullable Listener listener;

    /** Reads the witness files of that folder. */
    public RunObserver(Path witness) {
        this(witness, null);
    }

    /** The same, and tells a listener of everything that it reads. */
    public RunObserver(Path witness, @Nullable Listener listener) {
        this.reader = new WitnessReader(witness);
        this.listener = listener;
    }

    /** Takes notice of a fault, from any thread. */
    public void note(Fault fault) {
        faults.add(fault);
    }

    /** Takes in what is new, in the order of the stamps, and returns the new faults. */
    public List<Fault> update() {
        return take(reader::readNew);
    }

    /** The same when nobody writes any more. */
    public List<Fault> finish() {
        return take(reader::readRest);
    }

    private List<Fault> take(Supplier<List<WitnessLine>> lines) {
        List<Fault> happened = new ArrayList<>();
        for (Fault fault = faults.poll(); fault != null; fault = faults.poll()) {
            happened.add(fault);
        }
        happened.sort(Comparator.comparingLong(Fault::nanos));
        happened.forEach(this::notePause);
        int next = 0;
        for (WitnessLine line : lines.get()) {
            while (next < happened.size() && happened.get(next).nanos() - line.nanos() < 0) {
                takeovers.accept(happened.get(next++));
            }
            takeovers.accept(line);
            if (listener != null) {
                listener.accept(line);
            }
        }
        happened.subList(next, happened.size()).forEach(takeovers::accept);
        return happened;
    }

    /** What a process writes after a pause is read after its end is noted. */
    private void notePause(Fault fault) {
        if (fault.kind() == Fault.Kind.PAUSE) {
            standing.put(fault.pid(), fault);
        } else if (fault.kind() == Fault.Kind.RESUME && standing.containsKey(fault.pid())) {
            Fault pause = standing.remove(fault.pid());
            if (listener != null) {
                listener.stoodStill(fault.pid(), pause.nanos(), fault.nanos());
            }
        }
    }

    public RunLedger ledger() {
        return ledger;
    }

    public Takeovers takeovers() {
        return takeovers;
    }
}
