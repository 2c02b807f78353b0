package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.internal.supervision.ChildState.AwaitingToken;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Delayed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Queued;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Running;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Starting;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Stopping;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Restarts the siblings of a restarted child under one_for_all and rest_for_one (semantics rows A32–A37). They stop one
 * by one in reverse start order, then start in start order. A restart during a cycle extends that cycle, so there is at
 * most one cycle.
 */
final class RestartCycles {

    private final SupervisorState ledger;
    private final Starts starts;
    private final Stops stops;

    private final Set<String> toStop = new LinkedHashSet<>();
    private Starts.Sequence toStart = Starts.Sequence.cycle(List.of());

    RestartCycles(SupervisorState ledger, Starts starts, Stops stops) {
        this.ledger = ledger;
        this.starts = starts;
        this.stops = stops;
    }

    /**
     * Whether the cycle will still stop the child. If the child ends by itself before that, it restarts with its
     * siblings.
     */
    boolean willStop(String id) {
        return toStop.contains(id);
    }

    /** Whether the cycle starts the child again after it was stopped because of a sibling. */
    boolean willStart(String id) {
        return toStart.contains(id);
    }

    void clear() {
        toStop.clear();
        toStart = Starts.Sequence.cycle(List.of());
    }

    /** The child awaits the token for its restart: cycles the siblings that the strategy selects. */
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
        toStart = Starts.Sequence.cycle(starting);
        starts.add(toStart);
        starting.forEach(this::wake);
    }

    /** In reverse start order. A sibling that is already stopping comes first, so that no two stop at once. */
    private void replaceStops(List<Child> inOrder) {
        Deque<String> reversed = new ArrayDeque<>();
        inOrder.stream().filter(child -> !isCycled(child)).forEach(child -> reversed.addFirst(child.id()));
        inOrder.stream().filter(RestartCycles::isCycled).forEach(child -> reversed.addFirst(child.id()));
        toStop.clear();
        toStop.addAll(reversed);
    }

    /** Stops the next sibling when the previous one has ended or is stuck. After the last stop the starts may begin. */
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
        boolean stoppable = isUp(child) && !stops.isAwaited(child);
        return isTakenAlong(child, cause) && (stoppable || isCycled(child));
    }

    /**
     * Excludes siblings that were stopped for another reason or are complete (decided against row A35), and temporary
     * ones (row A34).
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

    /** A sibling that waits for its own delay is started with the other siblings. */
    private void wake(String id) {
        Child child = ledger.child(id);
        if (child != null && child.state() instanceof Delayed delayed) {
            Child awaiting = ledger.put(child.in(new AwaitingToken(delayed.attempt())));
            ledger.add(Notice.of(Notice.Kind.TOKEN_NEEDED, ledger.view(awaiting)));
        }
    }

    private static boolean isUp(Child child) {
        return child.state() instanceof Starting || child.state() instanceof Running;
    }

    private static boolean isCycled(Child child) {
        return child.state() instanceof Stopping stopping && stopping.reason() == StopReason.SIBLING;
    }
}
