package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.LastExit.Kind;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Abandoned;
import io.github.mirroredsupervisor.internal.supervision.ChildState.AwaitingToken;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Completed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Delayed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Down;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Starting;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Stopping;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;

/**
 * Decides what follows the end of a run: nothing, a restart, a delay, quarantine, or the stop of all children
 * (semantics rows A19–A30, A37–A39).
 */
final class Restarts {

    private final SupervisorState ledger;
    private final Starts starts;
    private final Stops stops;
    private final RestartCycles cycles;

    private boolean gaveUp;

    Restarts(SupervisorState ledger, Starts starts, Stops stops, RestartCycles cycles) {
        this.ledger = ledger;
        this.starts = starts;
        this.stops = stops;
        this.cycles = cycles;
    }

    boolean gaveUp() {
        return gaveUp;
    }

    void reset() {
        gaveUp = false;
        ledger.clearRestarts();
    }

    /** A child's thread ended after the child was told to end. */
    void stopped(Child child, StopReason reason, Exit exit) {
        stopped(child, reason, Exit.stopped(exit.failure()), new Down());
    }

    /** The supervisor no longer waits for the thread of a stuck child. */
    void abandoned(Child child, Stopping stopping) {
        ledger.add(new Effect.Abandoned(ledger.view(child)));
        if (stopping.reason() == StopReason.HUNG) {
            exited(child, Exit.hung(child.spec().progressTimeout()));
            return;
        }
        Exit exit = new Exit(Kind.STOPPED, "its thread did not end", null);
        stopped(child, stopping.reason(), exit, new Abandoned(stopping.reason()));
    }

    private void stopped(Child child, StopReason reason, Exit exit, ChildState rest) {
        boolean returns = reason == StopReason.SIBLING && cycles.willStart(child.id());
        ChildState next = returns ? new AwaitingToken(Attempt.RESTART) : rest;
        Child ended = ledger.put(child.ended(next, exit.at(instant())));
        ledger.add(new Effect.Stopped(ledger.view(ended), reason));
        if (child.state() instanceof Stopping stopping && stopping.next() != null) {
            starts.relaunch(ended, stopping.next());
        } else if (returns) {
            ledger.add(new Effect.TokenNeeded(ledger.view(ended)));
        } else if (reason == StopReason.SIBLING && child.isTemporary()) {
            ledger.remove(child.id());
        }
    }

    /** A child's start failed, or its init declined the start. */
    void startFailed(Child child, Starting starting, Exit exit) {
        Verdict verdict = afterStart(child, starting.attempt(), exit);
        Child ended = ledger.put(child.ended(verdict.state(ledger.now()), exit.at(instant())));
        Throwable failure = Objects.requireNonNull(exit.failure());
        ledger.add(new Effect.StartFailed(ledger.view(ended), starting.cause(), failure, child.endedLike(exit)));
        follow(ended, verdict);
        if (starting.attempt() == Attempt.INITIAL && exit.kind() != Kind.IGNORED) {
            starts.dropInitial();
        }
        boolean reportedDown = starting.attempt() == Attempt.COMMANDED && exit.kind() != Kind.IGNORED;
        if (child.isTemporary() && !reportedDown) {
            ledger.remove(child.id());
        }
    }

    /** A child ended by itself after it had started. */
    void exited(Child child, Exit exit) {
        Verdict verdict = afterExit(child, exit);
        Child ended = ledger.put(child.ended(verdict.state(ledger.now()), exit.at(instant())));
        ledger.add(new Effect.Exited(ledger.view(ended), child.endedLike(exit)));
        follow(ended, verdict);
        if (child.isTemporary()) {
            ledger.remove(child.id());
        }
    }

    /** A delay is over. */
    void delayOver(Child child, Delayed delayed) {
        Child awaiting = ledger.put(child.in(new AwaitingToken(delayed.attempt())));
        if (delayed.attempt() == Attempt.RESTART) {
            ledger.countDelayedRestart();
            cycles.begin(awaiting);
        }
        ledger.add(new Effect.TokenNeeded(ledger.view(awaiting)));
    }

    /** Replaces the delay of a waiting child, for callers that know why the child cannot start. */
    void postpone(Event.Postpone postpone) {
        Child child = ledger.child(postpone.childId());
        if (child != null && child.token() == postpone.token() && child.state() instanceof Delayed delayed) {
            Verdict later = new Verdict.Later(delayed.attempt(), postpone.delay());
            Child waiting = ledger.put(child.in(later.state(ledger.now())));
            ledger.add(new Effect.RestartDelayed(ledger.view(waiting), postpone.delay()));
        }
    }

    /** Rows A19–A21. */
    private Verdict afterExit(Child child, Exit exit) {
        boolean asItShould = exit.kind() == Kind.NORMAL || exit.kind() == Kind.SHUTDOWN;
        if (child.isTemporary()) {
            return new Verdict.Rest(new Down());
        }
        if (child.spec().restart() == RestartType.TRANSIENT && asItShould) {
            return new Verdict.Rest(new Completed());
        }
        return restart(child, Attempt.RESTART);
    }

    /** Rows A13, A26, A37, A44, B42. */
    private Verdict afterStart(Child child, Attempt attempt, Exit exit) {
        if (exit.kind() == Kind.IGNORED) {
            return new Verdict.Rest(new Completed());
        }
        if (child.isTemporary() || attempt == Attempt.COMMANDED || attempt == Attempt.INITIAL) {
            return new Verdict.Rest(new Down());
        }
        return restart(child, attempt);
    }

    private Verdict restart(Child child, Attempt attempt) {
        if (stops.isAwaited(child.id())) {
            return new Verdict.Rest(new Down());
        }
        if (cycles.willStop(child.id())) {
            return new Verdict.AtOnce(attempt, false);
        }
        if (attempt == Attempt.FIRST) {
            Duration delay = restartDelay(child);
            return new Verdict.Later(attempt, delay.isZero() ? ledger.flags.period() : delay);
        }
        ledger.countRestart();
        if (!ledger.isIntensityExceeded()) {
            return new Verdict.AtOnce(attempt, true);
        }
        Duration delay = restartDelay(child);
        boolean quarantine = ledger.flags.onIntensityExceeded() == OnIntensityExceeded.QUARANTINE_CHILD;
        if (delay.isZero() && !quarantine) {
            return new Verdict.GiveUp();
        }
        ledger.clearRestarts();
        return delay.isZero() ? new Verdict.Quarantine() : new Verdict.Later(attempt, delay);
    }

    private void follow(Child child, Verdict verdict) {
        if (verdict instanceof Verdict.AtOnce atOnce) {
            if (atOnce.takesSiblings()) {
                cycles.begin(child);
            }
            ledger.add(new Effect.TokenNeeded(ledger.view(child)));
        } else if (verdict instanceof Verdict.Later later) {
            ledger.add(new Effect.RestartDelayed(ledger.view(child), later.delay()));
        } else if (verdict instanceof Verdict.Quarantine) {
            ledger.add(new Effect.Quarantined(ledger.view(child), oneTooMany(child)));
        } else if (verdict instanceof Verdict.GiveUp) {
            giveUp(child);
        }
    }

    private void giveUp(Child last) {
        gaveUp = true;
        starts.clear();
        cycles.clear();
        stops.stopAll(StopReason.GROUP_TERMINATED);
        ledger.add(new Effect.GaveUp(oneTooMany(last)));
    }

    private String oneTooMany(Child last) {
        String exit = last.lastExit() == null || last.lastExit().reason() == null
                ? "ended"
                : last.lastExit().reason();
        return String.format(
                Locale.ROOT,
                "more than %d restarts within %s; the last was of child '%s': %s",
                ledger.flags.intensity(),
                ledger.flags.period(),
                last.id(),
                exit);
    }

    private Duration restartDelay(Child child) {
        Duration own = child.spec().restartDelay();
        return own == null ? ledger.flags.restartDelay() : own;
    }

    private Instant instant() {
        return ledger.now().instant();
    }
}
