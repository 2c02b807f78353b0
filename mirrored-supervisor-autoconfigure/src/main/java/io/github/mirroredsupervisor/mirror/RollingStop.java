package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.supervision.LocalChild;
import io.github.mirroredsupervisor.supervision.LocalChild.Status;
import io.github.mirroredsupervisor.supervision.LocalSupervisor;
import io.github.mirroredsupervisor.supervision.StopReason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The stop of one member's children for the leave, in reverse start order and in waves: the next wave runs on until this one's children have ended, so that each is away
 * for its own hand-over and not for everybody's. Children that depend on each other are stopped one by one, as their strategy says. Confined to the work thread.
 */
final class RollingStop {

    /** No more, however many children there are: with thousands it is their number that takes time, and few waves cost least. */
    static final int MOST_WAVES = 64;

    private final LocalSupervisor local;
    private final Deque<String> waiting = new ArrayDeque<>();
    private final int width;

    private Set<String> wave = Set.of();

    /** Tells at once whatever does not run, so that none of it starts. */
    RollingStop(LocalSupervisor local) {
        this.local = local;
        if (local.isOneForOne()) {
            local.children().values().forEach(this::waitOrStop);
        } else {
            local.stopAll(StopReason.LEAVING);
        }
        this.width = Math.max(1, roundedUp(waiting.size(), MOST_WAVES));
    }

    private void waitOrStop(LocalChild child) {
        if (child.status() == Status.RUNNING) {
            waiting.addFirst(child.id());
        } else {
            stop(child.id());
        }
    }

    private void stop(String childId) {
        local.stop(childId, StopReason.LEAVING);
    }

    /** How many waves are to come. */
    int wavesLeft() {
        return roundedUp(waiting.size(), width);
    }

    private static int roundedUp(int dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    /** Every child was told. */
    boolean isDone() {
        return waiting.isEmpty();
    }

    /** Tells the next wave if every child of this one has ended. */
    void advance() {
        Map<String, LocalChild> now = local.children(wave);
        if (now.values().stream().noneMatch(child -> child.status().isLive())) {
            tellNext();
        }
    }

    /** Tells the next wave, whatever this one is doing. */
    void tellNext() {
        wave = new LinkedHashSet<>();
        while (wave.size() < width && !waiting.isEmpty()) {
            wave.add(waiting.removeFirst());
        }
        wave.forEach(this::stop);
    }
}
