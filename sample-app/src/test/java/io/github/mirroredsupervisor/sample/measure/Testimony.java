package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Run;
import io.github.mirroredsupervisor.sample.witness.RunObserver;
import io.github.mirroredsupervisor.sample.witness.Takeover;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the witness files show, and the faults. For one thread. */
class Testimony {

    /** By how much two readings of the clock may differ by chance. */
    private static final long CLOCKS_DIFFER_NANOS = 5_000_000;

    private final RunObserver observer;
    private final OverlapCheck check;
    private final List<Fault> faults = new ArrayList<>();
    private final Map<Grant, Run> begins = new HashMap<>();

    private record Grant(String child, long token) {}

    /** Reads files that are still written; each {@link #update} reads what is new. */
    Testimony(Path witness) {
        this.check = new OverlapCheck();
        this.observer = new RunObserver(witness, check);
    }

    /** Reads files that are complete. */
    static Testimony of(Path witness, List<Fault> faults) {
        Testimony testimony = new Testimony(witness);
        faults.forEach(testimony::note);
        testimony.faults.addAll(testimony.observer.finish());
        return testimony;
    }

    /** Records a fault. May be called from any thread. */
    void note(Fault fault) {
        observer.note(fault);
    }

    void update() {
        faults.addAll(observer.update());
    }

    /** Everything that happened to a process since the beginning. */
    List<Fault> faults() {
        return List.copyOf(faults);
    }

    List<Run> newestRuns() {
        return observer.ledger().newest();
    }

    /** Every run since the beginning. */
    List<Run> runs() {
        return observer.ledger().all();
    }

    Takeover takeover(Fault fault) {
        return findTakeover(fault).orElseThrow(() -> new MeasureException("Nothing ran where " + fault + " struck"));
    }

    /** Empty if no run is known. */
    Optional<Takeover> findTakeover(Fault fault) {
        return observer.takeovers().newestFirst().stream()
                .filter(takeover -> takeover.fault().equals(fault))
                .findFirst();
    }

    /** The result of checking all lines that were read. */
    OverlapCheck.Result overlaps() {
        return check.result();
    }

    /** Whether a promise has been broken so far. */
    boolean isBroken() {
        return !overlaps().isClean();
    }

    /** Forgets the runs that ended before that moment, but not when they began. */
    void forgetBefore(long nanos) {
        runs().forEach(run -> begins.put(new Grant(run.child(), run.token()), run));
        observer.ledger().forgetBefore(nanos);
    }

    /** Whether a run began after that moment, in a process that did not stand still then. */
    boolean beganAfter(String child, long token, long nanos) {
        runs().forEach(run -> begins.put(new Grant(run.child(), run.token()), run));
        Run run = begins.get(new Grant(child, token));
        return run != null && run.beginNanos() - nanos > CLOCKS_DIFFER_NANOS && !stoodStill(run, nanos);
    }

    private boolean stoodStill(Run run, long nanos) {
        boolean still = false;
        for (Fault fault : faults) {
            boolean before = fault.nanos() - nanos < 0;
            if (fault.pid() == run.pid() && fault.kind() == Fault.Kind.PAUSE) {
                still |= before || fault.nanos() - run.beginNanos() < 0;
            } else if (fault.pid() == run.pid() && fault.kind() == Fault.Kind.RESUME && before) {
                still = false;
            }
        }
        return still;
    }
}
