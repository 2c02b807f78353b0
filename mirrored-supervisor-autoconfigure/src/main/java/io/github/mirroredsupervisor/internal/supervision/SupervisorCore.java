package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.internal.platform.Nanos;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Abandoned;
import io.github.mirroredsupervisor.internal.supervision.ChildState.AwaitingToken;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Delayed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Starting;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Stopping;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of one local OTP supervisor. Input is an event and the time; output is a list of effects in the order
 * of execution. This class has no thread, no clock and no I/O, so any history can be replayed. Used by one thread.
 *
 * <p>How it works. Every child is in one {@link ChildState}, and an event moves it to the next:
 *
 * <ol>
 *   <li><b>Start.</b> A launch brings a token, and a token starts one run only, for ever. The child is queued in a
 *       {@link StartSequence} and runs when its predecessors' inits have returned or failed; sequences do not wait for
 *       each other. A launch for a child that is up is ignored. A launch for a stopping child is stored until the old
 *       thread has ended, so that there are never two threads.
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
    private final Event.Handler handler = new Handler();

    public SupervisorCore(SupervisorState ledger) {
        this.ledger = ledger;
        this.starts = new Starts(ledger);
        this.stops = new Stops(ledger);
        this.cycles = new RestartCycles(ledger, starts, stops);
        this.restarts = new Restarts(ledger, starts, stops, cycles);
    }

    public List<Effect> on(Event event, Moment now) {
        ledger.begin(now);
        event.tell(handler);
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

    /** The direct consequence of each event. */
    private final class Handler implements Event.Handler {

        @Override
        public void start(Event.Start start) {
            if (!restarts.gaveUp()) {
                starts.batch(start.batch());
            }
        }

        @Override
        public void granted(Event.Granted granted) {
            Child child = ledger.child(granted.childId());
            if (child != null && child.state() instanceof AwaitingToken awaiting) {
                starts.granted(child, awaiting, granted.token());
            }
        }

        @Override
        public void refused(Event.Refused refused) {
            Child child = ledger.child(refused.childId());
            if (child != null && child.state() instanceof AwaitingToken) {
                ledger.remove(refused.childId());
            }
        }

        @Override
        public void stop(Event.Stop stop) {
            Child child = ledger.child(stop.childId());
            if (child != null) {
                stops.stop(child, stop.reason());
            }
        }

        @Override
        public void stopAll(Event.StopAll all) {
            starts.clear();
            cycles.clear();
            stops.stopAll(all.reason());
        }

        @Override
        public void forget(Event.Forget forget) {
            Child child = ledger.child(forget.childId());
            if (child != null && !child.state().status().isLive()) {
                ledger.remove(forget.childId());
            }
        }

        @Override
        public void postpone(Event.Postpone postpone) {
            restarts.postpone(postpone);
        }

        @Override
        public void revoked(Event.Revoked revoked) {
            stops.revoke(revoked.sparingContinue(), revoked.atNanos());
        }

        @Override
        public void reset(Event.Reset reset) {
            restarts.reset();
        }

        /** If the child made progress in time, schedules the next check; otherwise stops it as hung. */
        @Override
        public void progressed(Event.Progressed progressed) {
            Child child = ledger.child(progressed.childId());
            if (child == null
                    || child.token() != progressed.token()
                    || !(child.state() instanceof ChildState.Running)) {
                return;
            }
            ChildState.Running next = running(child, progressed.atNanos());
            if (next.deadline() != null && next.deadline() - ledger.nanos() <= 0) {
                stops.stop(child, StopReason.HUNG);
            } else {
                ledger.put(child.in(next));
            }
        }

        @Override
        public void initReturned(Event.InitReturned returned) {
            Child child = ledger.child(returned.childId());
            if (child != null && child.token() == returned.token() && child.state() instanceof Starting starting) {
                Child running = ledger.put(child.in(running(child, ledger.nanos())));
                ledger.add(new Effect.Started(ledger.view(running), starting.cause()));
            }
        }

        @Override
        public void ended(Event.Ended ended) {
            Child child = ledger.child(ended.childId());
            if (child != null && child.token() == ended.token()) {
                SupervisorCore.this.ended(child, ended);
            }
        }

        @Override
        public void told(Event.Told told) {
            Child child = ledger.child(told.childId());
            if (child != null && child.token() == told.token() && child.state().hasThread()) {
                stops.stop(child, told.reason());
            }
        }

        @Override
        public void tick(Event.Tick tick) {
            passTime();
        }
    }

    /** The running state, with the next progress check derived from the last sign of progress. */
    private static ChildState.Running running(Child child, long atNanos) {
        Duration timeout = child.spec().progressTimeout();
        return new ChildState.Running(timeout == null ? null : atNanos + Nanos.of(timeout));
    }

    private void ended(Child child, Event.Ended ended) {
        if (child.state() instanceof Abandoned abandoned) {
            restarts.stopped(child, abandoned.reason(), ended.exit());
        } else if (!child.state().hasThread()) {
            return; // an abandoned run whose child has another state by now
        } else if (child.state() instanceof Stopping stopping && stopping.reason() == StopReason.HUNG) {
            restarts.exited(child, Exit.hung(child.spec().progressTimeout()));
        } else if (child.state() instanceof Stopping stopping) {
            restarts.stopped(child, stopping.reason(), ended.exit());
        } else if (ended.told() != null) {
            restarts.stopped(child, ended.told(), ended.exit());
        } else if (child.state() instanceof Starting starting) {
            restarts.startFailed(child, starting, ended.exit());
        } else {
            restarts.exited(child, ended.exit());
        }
    }

    private void overdue(Child child, Stopping stopping) {
        if (stopping.stuck()) {
            restarts.abandoned(child, stopping);
        } else {
            stops.stuck(child, stopping);
        }
    }

    private void passTime() {
        for (Child due = ledger.pollDue(); due != null; due = ledger.pollDue()) {
            if (due.state() instanceof Stopping stopping) {
                overdue(due, stopping);
            } else if (due.state() instanceof ChildState.Running) {
                ledger.put(due.in(new ChildState.Running(null))); // until its progress is reported
                ledger.add(new Effect.AskProgress(due.id(), due.token()));
            } else if (due.state() instanceof Delayed delayed) {
                restarts.delayOver(due, delayed);
            }
        }
    }
}
