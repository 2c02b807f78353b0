package io.github.mirroredsupervisor.sample.witness;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last takeovers, from faults and witness lines, and the runs they follow from. Not thread-safe. */
public final class Takeovers {

    private static final int REMEMBERED = 50;

    private final RunLedger ledger;
    private final Deque<Takeover> takeovers = new ArrayDeque<>();

    public Takeovers(RunLedger ledger) {
        this.ledger = ledger;
    }

    /** Every line also goes to the ledger. Lines older than a fault must have been accepted before it. */
    public void accept(WitnessLine line) {
        ledger.accept(line);
        takeovers.forEach(takeover -> takeover.accept(line));
    }

    public void accept(Fault fault) {
        switch (fault.kind()) {
            case KILL -> {
                remember(fault);
                ledger.died(fault.pid(), fault.nanos());
            }
            case PAUSE, STOP -> remember(fault);
            case RESUME -> callOff(fault.pid());
            case ENDED -> {
                takeovers.forEach(takeover -> takeover.ended(fault));
                ledger.died(fault.pid(), fault.nanos());
            }
        }
    }

    private void callOff(long pid) {
        takeovers.stream()
                .filter(takeover ->
                        takeover.fault().pid() == pid && takeover.fault().kind() == Fault.Kind.PAUSE)
                .forEach(Takeover::callOff);
    }

    private void remember(Fault fault) {
        List<String> lost = ledger.openOf(fault.pid()).stream().map(Run::child).toList();
        if (!lost.isEmpty()) {
            takeovers.addFirst(new Takeover(fault, lost));
        }
        if (takeovers.size() > REMEMBERED) {
            takeovers.removeLast();
        }
    }

    /** Newest first; those that were called off are left out. */
    public List<Takeover> newestFirst() {
        return takeovers.stream().filter(takeover -> takeover.children() > 0).toList();
    }
}
