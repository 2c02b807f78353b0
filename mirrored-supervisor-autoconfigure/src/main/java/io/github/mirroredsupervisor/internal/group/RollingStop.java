package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.internal.context.Timers;
import io.github.mirroredsupervisor.internal.ownership.Outbox;
import io.github.mirroredsupervisor.internal.reconcile.Successors;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Stops one member's children in waves when the peer leaves. The next wave keeps running until this one is handed over,
 * so that each child is down only for the hand-over of its own wave. After half a lease all remaining children are
 * stopped, so neither slow children nor a slow database delay the others further.
 *
 * <p>Children that another member takes over are stopped in start order, so that they start there in start order: the
 * waves need some order, and this one costs nothing. Children that no member takes over follow in reverse start order,
 * as OTP stops them. A start that is undone stops everything in reverse order.
 *
 * <p>Children that depend on each other are stopped one by one in reverse start order, as their strategy requires, and
 * handed over together when all have stopped: see {@link Outbox#hold}. Confined to the group's loop.
 */
final class RollingStop {

    /**
     * The limit for any number of children: with thousands, their number takes the time, and more waves would cost
     * more.
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
    private long toldAt;
    private long nextAt;

    /**
     * Stops at once all children that are not running, so that none of them starts.
     *
     * @param startOrder whether children that another member takes over are stopped in start order
     * @param longest the time after which every child has been told to stop
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

    /** Stops the next wave, whatever the state of this one. */
    void tellNext() {
        toldAt = timers.now();
        int most = toldAt - lastWaveAt < 0 ? width : waiting.size();
        wave = new LinkedHashSet<>(); // stopped in this order
        while (wave.size() < most && !waiting.isEmpty()) {
            wave.add(waiting.removeFirst());
        }
        wave.forEach(this::stop);
        if (!waiting.isEmpty()) {
            ended = false;
            tellNextAfter(longestWave);
        }
    }

    /** Stops all that are left. */
    void tellAll() {
        wave = new LinkedHashSet<>(waiting);
        waiting.clear();
        wave.forEach(this::stop);
    }

    /** Whether every child was told to stop. */
    boolean isOver() {
        return waiting.isEmpty();
    }

    /** Stops the next wave if it is time. */
    void tellDue() {
        if (!waiting.isEmpty() && nextAt - timers.now() <= 0) {
            tellNext();
        }
    }

    /**
     * When this wave is handed over, waits as long again before the next is stopped: starting a wave takes the
     * successor about as long as stopping it took this peer.
     *
     * @param unwritten whether something about a child is still to be written
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
        nextAt = timers.now() + delay.toNanos();
        timers.after(delay, () -> {}); // wakes the loop; each step checks
    }

    private static boolean isLive(LocalChild child) {
        return child.status().isLive();
    }
}
