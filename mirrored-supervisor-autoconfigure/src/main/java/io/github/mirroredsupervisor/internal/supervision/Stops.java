package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.internal.platform.Nanos;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Abandoned;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Completed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Down;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Quarantined;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Stopping;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.Effect.Order;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Stops single children, and all children in order (semantics rows A40, A41). */
final class Stops {

    /** An interrupted thread needs a moment to end; only after this time is it reported as stuck. */
    static final Duration BRUTAL_GRACE = Duration.ofMillis(100);

    private final SupervisorState ledger;

    /**
     * The runs that the current orderly stop has not told to end yet, in stop order: their tokens by child. A run that
     * begins after the stop does not belong to it.
     */
    private final Map<String, Long> waiting = new LinkedHashMap<>();

    private StopReason waitingReason = StopReason.LEAVING;

    /** The child that the orderly stop is waiting for. */
    private @Nullable String current;

    Stops(SupervisorState ledger) {
        this.ledger = ledger;
    }

    /** Stops a child. {@code Stopped} always follows, at once if the child has no thread. */
    void stop(Child child, StopReason reason) {
        stop(child, reason, ledger.nanos());
    }

    /** Stops all children in reverse start order: dependent children one by one, independent ones together. */
    void stopAll(StopReason reason) {
        boolean together = ledger.flags.strategy() == Strategy.ONE_FOR_ONE || reason == StopReason.PERMISSION_LOST;
        List<Child> inOrder = ledger.inStopOrder();
        waiting.clear();
        current = null;
        waitingReason = reason;
        for (Child child : inOrder) {
            if (!together && child.state() instanceof Stopping) {
                // Wait for this child first, so that no two stop at once. A pending relaunch is dropped.
                waiting.put(child.id(), child.token());
                stop(child, reason);
            }
        }
        for (Child child : inOrder) {
            if (together || !child.state().hasThread()) {
                stop(child, reason);
            } else {
                waiting.put(child.id(), child.token());
            }
        }
    }

    /** The runs have already been told to end. Waiting restarts are dropped. */
    void revoke(boolean sparingContinue, long atNanos) {
        for (Child child : ledger.inStopOrder()) {
            boolean spared = sparingContinue && child.spec().onOutage() == OutagePolicy.CONTINUE;
            if (!spared && !isAtRest(child)) {
                waiting.remove(child.id());
                stop(child, StopReason.PERMISSION_LOST, atNanos);
            }
        }
    }

    /** The child did not end in time. */
    void stuck(Child child, Stopping stopping) {
        Long end = ledger.nanos() + Nanos.of(ledger.flags.bounds().abandon());
        Child stuck = ledger.put(child.in(new Stopping(stopping.reason(), end, true, stopping.next())));
        ledger.add(new Order(Order.Act.INTERRUPT, ledger.view(stuck)));
        ledger.add(Notice.of(Notice.Kind.STUCK, ledger.view(stuck)));
    }

    /** Whether the orderly stop will still stop this run of the child: then the child is not restarted. */
    boolean isAwaited(Child child) {
        return Objects.equals(waiting.get(child.id()), child.token());
    }

    /** Stops the next child of the orderly stop when the previous one has ended or is stuck. */
    void advance() {
        while (!waiting.isEmpty() && !isEnding(current)) {
            current = waiting.keySet().iterator().next();
            Long token = waiting.remove(current);
            Child child = ledger.child(current);
            if (child != null && Objects.equals(token, child.token())) {
                stop(child, waitingReason);
            }
        }
    }

    /** Whether the child was told to end, has not ended, and is not stuck. */
    boolean isEnding(@Nullable String id) {
        Child child = id == null ? null : ledger.child(id);
        return child != null && child.state() instanceof Stopping stopping && !stopping.stuck();
    }

    private void stop(Child child, StopReason reason, long since) {
        if (child.state() instanceof Stopping stopping) {
            stopAgain(child, stopping, reason, since);
        } else if (child.state().hasThread()) {
            Child told = ledger.put(child.in(new Stopping(reason, deadline(child, reason, since), false, null)));
            ledger.add(new Order(Order.Act.TELL, ledger.view(told), reason));
            ledger.add(Notice.of(Notice.Kind.STOPPING, ledger.view(told), reason));
        } else {
            Child stopped = remains(child, reason) ? child : ledger.put(child.in(new Down()));
            ledger.add(Notice.of(Notice.Kind.STOPPED, ledger.view(stopped), reason));
        }
    }

    /**
     * A completed or quarantined child keeps its state until it is terminated. An abandoned child always keeps its
     * state.
     */
    private static boolean remains(Child child, StopReason reason) {
        boolean over = child.state() instanceof Completed || child.state() instanceof Quarantined;
        return child.state() instanceof Abandoned || (over && reason != StopReason.TERMINATED);
    }

    /** The last reason and the earliest deadline count. A pending relaunch is dropped. */
    private void stopAgain(Child child, Stopping before, StopReason reason, long since) {
        Long deadline = deadline(child, reason, since);
        if (before.stuck()) {
            deadline = before.deadline();
        } else if (deadline == null || (before.deadline() != null && before.deadline() - deadline < 0)) {
            deadline = before.deadline();
        }
        ledger.put(child.in(new Stopping(reason, deadline, before.stuck(), null)));
    }

    /**
     * When a child told to end at {@code since} counts as stuck; null for never. The lease's bound overrides the
     * child's own shutdown setting.
     */
    private @Nullable Long deadline(Child child, StopReason reason, long since) {
        Shutdown shutdown = child.spec().shutdown();
        if (reason == StopReason.PERMISSION_LOST) {
            return since + Nanos.of(ledger.flags.bounds().stop());
        }
        if (shutdown instanceof Shutdown.Timeout timeout) {
            Duration limit = timeout.limit().isZero() ? BRUTAL_GRACE : timeout.limit();
            return since + Nanos.of(limit);
        }
        return shutdown instanceof Shutdown.Brutal ? since + Nanos.of(BRUTAL_GRACE) : null;
    }

    private static boolean isAtRest(Child child) {
        return child.state().status().isOver();
    }
}
