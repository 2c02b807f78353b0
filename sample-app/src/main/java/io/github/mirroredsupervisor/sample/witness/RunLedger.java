package io.github.mirroredsupervisor.sample.witness;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The runs of every child, newest last. Fed with witness lines and the deaths of processes. Not thread-safe. */
public final class RunLedger {

    private final Map<String, List<Run>> runs = new LinkedHashMap<>();

    public void accept(WitnessLine line) {
        List<Run> ofChild = runs.computeIfAbsent(line.child(), child -> new ArrayList<>());
        switch (line.mark()) {
            case BEGIN -> ofChild.add(new Run(line.child(), line.token(), line.peer(), line.pid(), line.nanos(), null));
            case END ->
                ofChild.replaceAll(run -> run.isOpen() && run.token() == line.token() && run.pid() == line.pid()
                        ? run.ended(line.nanos())
                        : run);
            case TICK -> {}
        }
    }

    /** A process died: what it ran ended then. */
    public void died(long pid, long nanos) {
        runs.values()
                .forEach(ofChild ->
                        ofChild.replaceAll(run -> run.isOpen() && run.pid() == pid ? run.ended(nanos) : run));
    }

    /** Forgets what ended before the given moment, except each child's newest run. */
    public void forgetBefore(long nanos) {
        runs.values().forEach(ofChild -> {
            Run newest = ofChild.get(ofChild.size() - 1);
            ofChild.removeIf(run -> !run.equals(newest) && run.endNanos() != null && run.endNanos() - nanos < 0);
        });
    }

    /** All remembered runs. */
    public List<Run> all() {
        return runs.values().stream().flatMap(List::stream).toList();
    }

    /** The newest run of a child, ended or not. */
    public Optional<Run> newest(String child) {
        List<Run> ofChild = runs.getOrDefault(child, List.of());
        return ofChild.isEmpty() ? Optional.empty() : Optional.of(ofChild.get(ofChild.size() - 1));
    }

    /** The newest run of every child. */
    public List<Run> newest() {
        return runs.values().stream()
                .filter(ofChild -> !ofChild.isEmpty())
                .map(ofChild -> ofChild.get(ofChild.size() - 1))
                .toList();
    }

    /** The children that a process runs now. */
    public List<Run> openOf(long pid) {
        return newest().stream().filter(run -> run.isOpen() && run.pid() == pid).toList();
    }
}
