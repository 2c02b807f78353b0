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
 * The decisions of one local OTP supervisor. An event and the time go in, effects come out in the order in which they
 * are to be carried out; there is no thread, no clock and no I/O in here, so any history can be replayed. Used by one
 * thread.
 *
 * <p>How it works. Every child is in one {@link ChildState}, and an event moves it to the next:
 *
 * <ol>
 *   <li><b>Start.</b> A launch brings a token, and a token serves one run for ever. The child is queued in a
 *       {@link StartSequence} and run when its predecessors' inits have returned or failed; sequences do not wait for
 *       each other. A launch for a child that is up is ignored; for one on its way out it is remembered until the old
 *       thread has ended, so that there are never two.
 *   <li><b>End.</b> A run that was told to end has stopped, whatever it threw. One that ended by itself is
 *       forgotten, completed or restarted, as its restart type says.
 *   <li><b>Restart.</b> It counts once in the window that all children share. Within the intensity the child awaits a
 *       new token and is queued when that is granted. Beyond it the child is delayed and the window cleared; the
 *       delayed restart is the first in the new window. Without a delay the supervisor gives up, and everything is
 *       stopped and nothing starts until reset; or the child alone is quarantined.
 *   <li><b>Siblings.</b> Under one_for_all and rest_for_one a restart begins a cycle ({@link RestartCycles}): the
 *       siblings are stopped one by one in reverse order, each awaits a new token, and all are started in order by one
 *       sequence. If one fails, the sequence waits for its retry, which is a restart like any other and extends the
 *       cycle.
 *   <li><b>Failed starts.</b> A commanded one is over. A restart that fails is one more restart. A first start is tried
 *       again after a delay, uncounted, without any effect on siblings.
 *   <li><b>Progress.</b> A child that is to show progress is asked for it when its last sign is old, and told to stop
 *       if there was none since. Its end is then a crash.
 *   <li><b>Stop.</b> The child is told at once and has its time. When that is over it is interrupted again and counts
 *       as stuck until its thread ends; meanwhile nothing else of it runs, and others no longer wait for it, except
 *       those that are to be started after it. One that stays stuck for a whole lease is abandoned, as a lost peer's
 *       would be: what follows a stop follows, a successor under a greater token included.
 * </ol>
 *
 * <p>After each event the stops and starts that wait for others advance as far as they now can: an orderly stop, then a
 * cycle, then the start sequences. They look at states only, so no event can be missed.
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

    /** What follows from each event by itself. */
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

        /** It either has made progress in time, and is asked again when that is old; or it hangs. */
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

    /** Running, as far as is known from its last sign of progress. */
    private static ChildState.Running running(Child child, long atNanos) {
        Duration timeout = child.spec().progressTimeout();
        return new ChildState.Running(timeout == null ? null : atNanos + Nanos.of(timeout));
    }

    private void ended(Child child, Event.Ended ended) {
        if (child.state() instanceof Abandoned abandoned) {
            restarts.stopped(child, abandoned.reason(), ended.exit());
        } else if (!child.state().hasThread()) {
            return; // a run that was abandoned, and something has followed it
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
                ledger.put(due.in(new ChildState.Running(null))); // until it has answered
                ledger.add(new Effect.AskProgress(due.id(), due.token()));
            } else if (due.state() instanceof Delayed delayed) {
                restarts.delayOver(due, delayed);
            }
        }
    }
}
