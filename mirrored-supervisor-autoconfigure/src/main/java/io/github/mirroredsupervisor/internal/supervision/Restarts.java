package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.LastExit.Kind;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Abandoned;
import io.github.mirroredsupervisor.internal.supervision.ChildState.AwaitingToken;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Completed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Delayed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Down;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Quarantined;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Starting;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Stopping;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.Launch.Attempt;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;

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
        ledger.add(Notice.of(Notice.Kind.ABANDONED, ledger.view(child)));
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
        ledger.add(Notice.of(Notice.Kind.STOPPED, ledger.view(ended), reason));
        if (child.state() instanceof Stopping stopping && stopping.next() != null) {
            starts.relaunch(ended, stopping.next());
        } else if (returns) {
            needToken(ended);
        } else if (reason == StopReason.SIBLING && child.isTemporary()) {
            ledger.remove(child.id());
        }
    }

    /** A child's start failed, or its init declined the start. */
    void startFailed(Child child, Starting starting, Exit exit) {
        Verdict verdict = afterStart(child, starting.attempt(), exit);
        Child ended = ledger.put(child.ended(verdict.state(), exit.at(instant())));
        Throwable failure = Objects.requireNonNull(exit.failure());
        ledger.add(Notice.startFailed(ledger.view(ended), starting.cause(), failure, child.endedLike(exit)));
        verdict.then().accept(ended);
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
        Child ended = ledger.put(child.ended(verdict.state(), exit.at(instant())));
        ledger.add(Notice.exited(ledger.view(ended), child.endedLike(exit)));
        verdict.then().accept(ended);
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
        needToken(awaiting);
    }

    /** Replaces the delay of a waiting child, for callers that know why the child cannot start. */
    void postpone(Child child, Delayed before, Duration delay) {
        Child waiting = ledger.put(child.in(new Delayed(before.attempt(), delay, ledger.now())));
        ledger.add(Notice.restartDelayed(ledger.view(waiting), delay));
    }

    /** Rows A19–A21. */
    private Verdict afterExit(Child child, Exit exit) {
        boolean asItShould = exit.kind() == Kind.NORMAL || exit.kind() == Kind.SHUTDOWN;
        if (child.isTemporary()) {
            return Verdict.rest(new Down());
        }
        if (child.spec().restart() == RestartType.TRANSIENT && asItShould) {
            return Verdict.rest(new Completed());
        }
        return restart(child, Attempt.RESTART);
    }

    /** Rows A13, A26, A37, A44, B42. */
    private Verdict afterStart(Child child, Attempt attempt, Exit exit) {
        if (exit.kind() == Kind.IGNORED) {
            return Verdict.rest(new Completed());
        }
        if (child.isTemporary() || attempt == Attempt.COMMANDED || attempt == Attempt.INITIAL) {
            return Verdict.rest(new Down());
        }
        return restart(child, attempt);
    }

    private Verdict restart(Child child, Attempt attempt) {
        if (stops.isAwaited(child)) {
            return Verdict.rest(new Down());
        }
        if (cycles.willStop(child.id())) {
            return new Verdict(new AwaitingToken(attempt), this::needToken);
        }
        Duration delay = restartDelay(child);
        if (attempt == Attempt.FIRST) {
            return later(attempt, delay.isZero() ? ledger.flags.period() : delay);
        }
        ledger.countRestart();
        if (!ledger.isIntensityExceeded()) {
            return new Verdict(new AwaitingToken(attempt), this::needTokenWithSiblings);
        }
        if (delay.isZero() && ledger.flags.onIntensityExceeded() == OnIntensityExceeded.TERMINATE_GROUP) {
            return new Verdict(new Down(), this::giveUp);
        }
        ledger.clearRestarts();
        return delay.isZero() ? new Verdict(new Quarantined(), this::quarantine) : later(attempt, delay);
    }

    private Verdict later(Attempt attempt, Duration delay) {
        return new Verdict(
                new Delayed(attempt, delay, ledger.now()),
                child -> ledger.add(Notice.restartDelayed(ledger.view(child), delay)));
    }

    /**
     * What happens to a child whose run has ended by itself.
     *
     * @param state that the child is in from now on
     * @param then what follows when its end was told of
     */
    private record Verdict(ChildState state, Consumer<Child> then) {

        /** The child is not restarted. */
        static Verdict rest(ChildState state) {
            return new Verdict(state, child -> {});
        }
    }

    private void needToken(Child child) {
        ledger.add(Notice.of(Notice.Kind.TOKEN_NEEDED, ledger.view(child)));
    }

    /** The restart begins or extends a cycle. */
    private void needTokenWithSiblings(Child child) {
        cycles.begin(child);
        needToken(child);
    }

    private void quarantine(Child child) {
        ledger.add(Notice.of(Notice.Kind.QUARANTINED, ledger.view(child), oneTooMany(child)));
    }

    private void giveUp(Child last) {
        gaveUp = true;
        starts.clear();
        cycles.clear();
        stops.stopAll(StopReason.GROUP_TERMINATED);
        ledger.add(Notice.of(Notice.Kind.GAVE_UP, ledger.view(last), oneTooMany(last)));
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
