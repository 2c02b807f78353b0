package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.internal.reconcile.Successors;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The stop of one member's children for the leave, in waves: the next wave runs on until this one is handed over, so
 * that each child is away for its own hand-over and not for everybody's. After half a lease all are told: neither
 * children that take their time nor a database that does keep the others from being stopped.
 *
 * <p>Children that another member takes over are told in start order, so that they start there in start order: the
 * waves have to have some order, and this one costs nothing. Then come those that nobody takes over, in reverse start
 * order, as OTP stops them. A start that is undone stops everything in reverse order.
 *
 * <p>Children that depend on each other are stopped one by one in reverse start order, as their strategy says, and
 * handed over together when all have stopped: see {@link Outbox#hold}. Confined to the group's loop.
 */
final class RollingStop {

    /**
     * No more, however many children there are: with thousands it is their number that takes time, and few waves cost
     * least.
     */
    private static final int MOST_WAVES = 64;

    private final LocalSupervisor local;
    private final Successors successors;
    private final Timers timers;
    private final Deque<String> waiting = new ArrayDeque<>();
    private final boolean startOrder;
    private final int width;
    private final Duration longestWave;
    private final long lastWaveAt;

    private Set<String> wave = Set.of();
    private boolean ended;
    private int plans;
    private long toldAt;

    /**
     * Tells at once whatever does not run, so that none of it starts.
     *
     * @param startOrder whether children that another member takes over are told in start order
     * @param longest after so long every child has been told
     */
    RollingStop(LocalSupervisor local, Successors successors, Timers timers, boolean startOrder, Duration longest) {
        this.local = local;
        this.successors = successors;
        this.timers = timers;
        this.startOrder = startOrder;
        if (local.isOneForOne()) {
            Deque<String> last = new ArrayDeque<>();
            local.children().values().forEach(child -> waitOrStop(child, last));
            waiting.addAll(last);
        } else {
            local.stopAll(StopReason.LEAVING);
        }
        this.width = Math.max(1, roundedUp(waiting.size(), MOST_WAVES));
        this.longestWave = longest.dividedBy(Math.max(1, roundedUp(waiting.size(), width)));
        this.lastWaveAt = timers.now() + longest.toNanos();
    }

    private static int roundedUp(int dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    private void waitOrStop(LocalChild child, Deque<String> last) {
        if (child.status() != Status.RUNNING) {
            stop(child.id());
        } else if (startOrder && successors.isAnyFor(child.spec())) {
            waiting.addLast(child.id());
        } else {
            last.addFirst(child.id());
        }
    }

    private void stop(String childId) {
        local.stop(childId, StopReason.LEAVING);
    }

    /** Tells the next wave, whatever this one is doing. */
    void tellNext() {
        toldAt = timers.now();
        int most = toldAt - lastWaveAt < 0 ? width : waiting.size();
        wave = new LinkedHashSet<>(); // told in this order
        while (wave.size() < most && !waiting.isEmpty()) {
            wave.add(waiting.removeFirst());
        }
        wave.forEach(this::stop);
        if (!waiting.isEmpty()) {
            ended = false;
            tellNextAfter(longestWave);
        }
    }

    /** Whether every child was told. */
    boolean isOver() {
        return waiting.isEmpty();
    }

    /**
     * Tells the next wave when this one is handed over. Its successor has about as much to do for a wave as this peer
     * had, and is given as long for it.
     *
     * @param unwritten whether something of a child is still to be written
     */
    void advance(Predicate<String> unwritten) {
        if (!ended
                && !waiting.isEmpty()
                && wave.stream().noneMatch(unwritten)
                && local.children(wave).values().stream().noneMatch(RollingStop::isLive)) {
            ended = true;
            tellNextAfter(Duration.ofNanos(timers.now() - toldAt));
        }
    }

    private void tellNextAfter(Duration delay) {
        int plan = ++plans;
        timers.after(delay, () -> {
            if (plan == plans) {
                tellNext();
            }
        });
    }

    private static boolean isLive(LocalChild child) {
        return child.status().isLive();
    }
}
