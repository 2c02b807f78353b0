package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.internal.supervision.ChildState.AwaitingToken;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Delayed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Queued;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Running;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Starting;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Stopping;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The siblings that a restart takes along under one_for_all and rest_for_one (semantics rows A32–A37): told to stop one
 * by one in reverse start order, then started in start order. A restart during a cycle extends it, so there is at most
 * one.
 */
final class RestartCycles {

    private final SupervisorState ledger;
    private final Starts starts;
    private final Stops stops;

    private final Set<String> toStop = new LinkedHashSet<>();
    private StartSequence toStart = StartSequence.cycle(List.of());

    RestartCycles(SupervisorState ledger, Starts starts, Stops stops) {
        this.ledger = ledger;
        this.starts = starts;
        this.stops = stops;
    }

    /** Whether the child has yet to be told: if it ends before that by itself, it comes back with the others. */
    boolean willStop(String id) {
        return toStop.contains(id);
    }

    /** Whether the child, stopped because of a sibling, comes back. */
    boolean willStart(String id) {
        return toStart.contains(id);
    }

    void clear() {
        toStop.clear();
        toStart = StartSequence.cycle(List.of());
    }

    /** The child is about to be restarted and awaits its token: take along whom the strategy says. */
    void begin(Child cause) {
        if (ledger.flags.strategy() == Strategy.ONE_FOR_ONE) {
            return;
        }
        List<Child> inOrder = ledger.inStartOrder();
        List<String> starting = inOrder.stream()
                .filter(child -> child.id().equals(cause.id()) || willStart(child.id()) || comesBack(child, cause))
                .map(Child::id)
                .toList();
        replaceStops(inOrder.stream().filter(child -> mustStop(child, cause)).toList());
        starts.remove(toStart);
        toStart = StartSequence.cycle(starting);
        starts.add(toStart);
        starting.forEach(this::wake);
    }

    /** In reverse order; but one that was told already is waited for first, or two would be stopping at once. */
    private void replaceStops(List<Child> inOrder) {
        Deque<String> reversed = new ArrayDeque<>();
        inOrder.stream().filter(child -> !isCycled(child)).forEach(child -> reversed.addFirst(child.id()));
        inOrder.stream().filter(RestartCycles::isCycled).forEach(child -> reversed.addFirst(child.id()));
        toStop.clear();
        toStop.addAll(reversed);
    }

    /** Tells the next sibling when the one before has ended or is stuck; after the last the starts may begin. */
    void advance() {
        for (String id = nextToStop(); id != null && !stops.isEnding(id); id = nextToStop()) {
            Child child = ledger.child(id);
            if (child != null && isUp(child)) {
                stops.stop(child, StopReason.SIBLING);
            } else {
                toStop.remove(id);
            }
        }
        if (toStop.isEmpty()) {
            toStart.release();
        }
    }

    private @Nullable String nextToStop() {
        return toStop.isEmpty() ? null : toStop.iterator().next();
    }

    private boolean mustStop(Child child, Child cause) {
        if (willStop(child.id())) {
            return true;
        }
        boolean stoppable = isUp(child) && !stops.isAwaited(child.id());
        return isTakenAlong(child, cause) && (stoppable || isCycled(child));
    }

    /**
     * Not those that were stopped for another reason, or that are complete (decided against row A35); not the temporary
     * (row A34).
     */
    private boolean comesBack(Child child, Child cause) {
        if (!isTakenAlong(child, cause)) {
            return false;
        }
        ChildState state = child.state();
        boolean waits = state instanceof Queued || state instanceof AwaitingToken || state instanceof Delayed;
        return waits || (!child.isTemporary() && (isUp(child) || isCycled(child)));
    }

    private boolean isTakenAlong(Child child, Child cause) {
        boolean sibling = !child.id().equals(cause.id());
        boolean all = ledger.flags.strategy() == Strategy.ONE_FOR_ALL;
        return sibling && (all || Child.START_ORDER.compare(child, cause) > 0);
    }

    /** A sibling that waits for its own delay is started with the others. */
    private void wake(String id) {
        Child child = ledger.child(id);
        if (child != null && child.state() instanceof Delayed delayed) {
            Child awaiting = ledger.put(child.in(new AwaitingToken(delayed.attempt())));
            ledger.add(new Effect.TokenNeeded(ledger.view(awaiting)));
        }
    }

    private static boolean isUp(Child child) {
        return child.state() instanceof Starting || child.state() instanceof Running;
    }

    private static boolean isCycled(Child child) {
        return child.state() instanceof Stopping stopping && stopping.reason() == StopReason.SIBLING;
    }
}
