package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.internal.platform.Nanos;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Abandoned;
import io.github.mirroredsupervisor.internal.supervision.ChildState.AwaitingToken;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Delayed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Running;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Starting;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Stopping;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.Effect.Order;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.Moment;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of one local OTP supervisor. Input is an {@link Event} and the time; output is a list of effects in
 * the order of execution. This class has no thread, no clock and no I/O, so any history can be replayed. Used by one
 * thread.
 *
 * <p>How it works. Every child is in one {@link ChildState}, and an event moves it to the next:
 *
 * <ol>
 *   <li><b>Start.</b> A launch brings a token, and a token starts one run only, for ever. The child is queued in a
 *       {@link Starts.Sequence} and runs when its predecessors' inits have returned or failed; sequences do not wait
 *       for each other. Under one_for_one only declared children wait like this. The others begin in their order, so
 *       many at a time that no more than a bound of them are in their {@link Inits}, and a child whose caller waits
 *       begins at once. A launch for a child that is up is ignored. A launch for a stopping child is stored until the
 *       old thread has ended, so that there are never two threads.
 *   <li><b>End.</b> A run that was told to end counts as stopped, whatever it threw. A child that ended by itself is
 *       forgotten, completed or restarted, according to its restart type.
 *   <li><b>Restart.</b> It counts once in the window that all children share. Within the intensity the child awaits a
 *       new token and is queued when the token is granted. Beyond the intensity the child is delayed and the window
 *       cleared; the delayed restart is the first in the new window. If no delay is configured, either the supervisor
 *       gives up, which stops all children and starts none until reset, or only the child is quarantined.
 *   <li><b>Siblings.</b> Under one_for_all and rest_for_one a restart begins a cycle ({@link RestartCycles}): the
 *       siblings are stopped one by one in reverse order, each awaits a new token, and all are started in order by one
 *       sequence. If one fails, the sequence waits for its retry, which is a restart like any other and extends the
 *       cycle.
 *   <li><b>Failed starts.</b> A commanded start is not retried. A failed restart counts as one more restart. A first
 *       start is retried after a delay, uncounted, without any effect on siblings.
 *   <li><b>Progress.</b> If a child has a progress timeout, its last sign of progress is checked when that timeout
 *       expires. Without newer progress the child is told to stop, and its end counts as a crash.
 *   <li><b>Stop.</b> The child is told at once and has a time limit. After the limit it is interrupted again and counts
 *       as stuck until its thread ends. Meanwhile no new run of it starts, and the other children no longer wait for
 *       it, except those that start after it. A child that stays stuck for a whole lease is abandoned, like a child of
 *       a lost peer: what follows a stop happens, including a successor under a greater token.
 * </ol>
 *
 * <p>After each event the waiting stops and starts advance as far as they can: an orderly stop, then a cycle, then the
 * start sequences. They read states only, so no event can be missed.
 */
public final class SupervisorCore {

    private final SupervisorState ledger;
    private final Starts starts;
    private final Stops stops;
    private final RestartCycles cycles;
    private final Restarts restarts;

    public SupervisorCore(SupervisorState ledger) {
        this.ledger = ledger;
        this.starts = new Starts(ledger);
        this.stops = new Stops(ledger);
        this.cycles = new RestartCycles(ledger, starts, stops);
        this.restarts = new Restarts(ledger, starts, stops, cycles);
    }

    /** An event comes. Its direct consequence is decided by one of the methods below, and then {@link #advance}. */
    void begin(Moment now) {
        ledger.begin(now);
    }

    /** Lets the waiting stops and starts advance. Returns all effects of the event. */
    List<Effect> advance() {
        stops.advance();
        cycles.advance();
        starts.advance();
        return ledger.effects();
    }

    /** When, in monotonic nanoseconds, something will be due without any other event; null if nothing will. */
    @Nullable
    public Long nextWakeup() {
        Long deadline = ledger.earliestDeadline();
        Long limit = starts.earliestLimit();
        if (deadline == null || limit == null) {
            return deadline == null ? limit : deadline;
        }
        return deadline - limit < 0 ? deadline : limit;
    }

    // --- the direct consequence of each event

    void start(List<Launch> batch) {
        if (!restarts.gaveUp()) {
            starts.batch(batch);
        }
    }

    void granted(String childId, long token) {
        Child child = ledger.child(childId);
        if (child != null && child.state() instanceof AwaitingToken awaiting) {
            starts.granted(child, awaiting, token);
        }
    }

    void stop(String childId, StopReason reason) {
        Child child = ledger.child(childId);
        if (child != null) {
            stops.stop(child, reason);
        }
    }

    void stopAll(StopReason reason) {
        starts.clear();
        cycles.clear();
        stops.stopAll(reason);
    }

    void forget(String childId) {
        Child child = ledger.child(childId);
        if (child != null && !child.state().status().isLive()) {
            ledger.remove(childId);
        }
    }

    void postpone(String childId, long token, Duration delay) {
        Child child = withToken(childId, token);
        if (child != null && child.state() instanceof Delayed delayed) {
            restarts.postpone(child, delayed, delay);
        }
    }

    void revoked(boolean sparingContinue, long atNanos) {
        stops.revoke(sparingContinue, atNanos);
    }

    void reset() {
        restarts.reset();
    }

    /** If the child made progress in time, schedules the next check; otherwise stops it as hung. */
    void progressed(String childId, long token, long atNanos) {
        Child child = withToken(childId, token);
        if (child == null || !(child.state() instanceof Running)) {
            return;
        }
        Running next = running(child, atNanos);
        if (next.deadline() != null && next.deadline() - ledger.nanos() <= 0) {
            stops.stop(child, StopReason.HUNG);
        } else {
            ledger.put(child.in(next));
        }
    }

    void initReturned(String childId, long token) {
        Child child = withToken(childId, token);
        if (child != null && child.state() instanceof Starting starting) {
            Child running = ledger.put(child.in(running(child, ledger.nanos())));
            ledger.add(Notice.started(ledger.view(running), starting.cause()));
        }
    }

    void ended(String childId, long token, Exit exit, @Nullable StopReason told) {
        Child child = withToken(childId, token);
        if (child == null || !(child.state().hasThread() || child.state() instanceof Abandoned)) {
            return; // a former run, or an abandoned one whose child has another state by now
        }
        StopReason known = child.state().stopReason();
        StopReason reason = known == null ? told : known;
        if (known == StopReason.HUNG) {
            restarts.exited(child, Exit.hung(child.spec().progressTimeout()));
        } else if (reason != null) {
            restarts.stopped(child, reason, exit);
        } else if (child.state() instanceof Starting starting) {
            restarts.startFailed(child, starting, exit);
        } else {
            restarts.exited(child, exit);
        }
    }

    void told(String childId, long token, StopReason reason) {
        Child child = withToken(childId, token);
        if (child != null && child.state().hasThread()) {
            stops.stop(child, reason);
        }
    }

    void passTime() {
        for (Child due = ledger.pollDue(); due != null; due = ledger.pollDue()) {
            if (due.state() instanceof Stopping stopping) {
                overdue(due, stopping);
            } else if (due.state() instanceof Running) {
                ledger.put(due.in(new Running(null))); // until its progress is reported
                ledger.add(new Order(Order.Act.ASK_PROGRESS, ledger.view(due)));
            } else if (due.state() instanceof Delayed delayed) {
                restarts.delayOver(due, delayed);
            } else {
                throw new IllegalStateException("nothing follows from the end of " + due.state());
            }
        }
    }

    private void overdue(Child child, Stopping stopping) {
        if (stopping.stuck()) {
            restarts.abandoned(child, stopping);
        } else {
            stops.stuck(child, stopping);
        }
    }

    /** The child, if its present or last run has this token. */
    private @Nullable Child withToken(String childId, long token) {
        Child child = ledger.child(childId);
        return child == null || child.token() != token ? null : child;
    }

    /** The running state, with the next progress check derived from the last sign of progress. */
    private static Running running(Child child, long atNanos) {
        Duration timeout = child.spec().progressTimeout();
        return new Running(timeout == null ? null : atNanos + Nanos.of(timeout));
    }
}
