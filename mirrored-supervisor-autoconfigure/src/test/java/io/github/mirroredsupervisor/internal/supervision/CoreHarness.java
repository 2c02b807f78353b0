package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.Launch.Attempt;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.Moment;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.internal.supervision.values.SupervisorFlags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Drives a core with events and manual time. Effects become short lines of text: what a test has not taken is still
 * there.
 */
public final class CoreHarness {

    public static final long SECOND = 1_000_000_000L;

    final SupervisorCore core;
    final SupervisorState ledger;
    private final Map<String, Long> orders = new HashMap<>();
    private final Map<String, Long> tokens = new HashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final List<String> needed = new ArrayList<>();
    long nanos = Long.MAX_VALUE - 3 * SECOND; // so that monotonic time wraps around in most tests

    CoreHarness(SupervisorFlags flags) {
        ledger = new SupervisorState(flags, moment());
        core = new SupervisorCore(ledger);
    }

    /** Plain OTP, but that the child alone ends. */
    static CoreHarness quarantining(Strategy strategy, int intensity) {
        return new CoreHarness(new SupervisorFlags(
                strategy,
                intensity,
                Duration.ofSeconds(5),
                Duration.ZERO,
                OnIntensityExceeded.QUARANTINE_CHILD,
                Specs.BOUNDS));
    }

    public static CoreHarness with(Strategy strategy, int intensity, int delaySeconds) {
        return new CoreHarness(new SupervisorFlags(
                strategy,
                intensity,
                Duration.ofSeconds(5),
                Duration.ofSeconds(delaySeconds),
                OnIntensityExceeded.TERMINATE_GROUP,
                Specs.BOUNDS));
    }

    // --- what happens

    /** Starts one batch of listed children, in the order given, which is also the start order. */
    CoreHarness start(ChildSpec... specs) {
        return start(Attempt.FIRST, true, specs);
    }

    /** Starts one batch of children that were created at run time, in the order given. */
    CoreHarness adopt(ChildSpec... specs) {
        return start(Attempt.FIRST, false, specs);
    }

    CoreHarness command(ChildSpec... specs) {
        return start(Attempt.COMMANDED, false, specs);
    }

    /** Starts those that the supervisor begins with, all or none. */
    CoreHarness begin(ChildSpec... specs) {
        return start(Attempt.INITIAL, true, specs);
    }

    private CoreHarness start(Attempt attempt, boolean declared, ChildSpec... specs) {
        List<Launch> batch = new ArrayList<>();
        for (ChildSpec spec : specs) {
            batch.add(launch(attempt, declared, spec));
        }
        return on(new Event.Start(batch));
    }

    Launch launch(Attempt attempt, boolean declared, ChildSpec spec) {
        long order = orders.computeIfAbsent(spec.id(), id -> (long) orders.size());
        return new Launch(spec, order, nextToken(spec.id()), StartCause.STARTED, attempt, declared);
    }

    /** Starts the children, lets every init return, and forgets about the effects. */
    public CoreHarness up(ChildSpec... specs) {
        start(specs);
        for (ChildSpec spec : specs) {
            initReturns(spec.id());
        }
        take();
        return this;
    }

    public CoreHarness initReturns(String id) {
        return on(new Event.InitReturned(id, token(id)));
    }

    CoreHarness initThrows(String id) {
        return ends(id, Exit.thrownByInit(new IllegalStateException("no start")));
    }

    CoreHarness initDeclines(String id) {
        return ends(id, Exit.thrownByInit(ChildExit.ignore()));
    }

    public CoreHarness returns(String id) {
        return ends(id, Exit.returned());
    }

    CoreHarness returnsAllTold() {
        ledger.inStopOrder().stream()
                .filter(child -> child.state() instanceof ChildState.Stopping)
                .forEach(child -> returns(child.id()));
        return this;
    }

    CoreHarness initReturnsAll() {
        ledger.inStartOrder().stream()
                .filter(child -> child.state().status() == Status.STARTING)
                .forEach(child -> initReturns(child.id()));
        return this;
    }

    public CoreHarness crashes(String id) {
        return throwsFromRun(id, new IllegalStateException("boom"));
    }

    CoreHarness throwsFromRun(String id, Throwable failure) {
        return ends(id, Exit.thrownByRun(failure));
    }

    CoreHarness ends(String id, Exit exit) {
        return on(new Event.Ended(id, token(id), exit, null));
    }

    CoreHarness endsTold(String id, StopReason told) {
        return on(new Event.Ended(id, token(id), Exit.stopped(null), told));
    }

    /** The run has found out by itself that it may not go on. */
    CoreHarness learns(String id, long token, StopReason reason) {
        return on(new Event.Told(id, token, reason));
    }

    CoreHarness stop(String id) {
        return on(new Event.Stop(id, StopReason.TERMINATED));
    }

    public CoreHarness stopAll() {
        return on(new Event.StopAll(StopReason.LEAVING));
    }

    CoreHarness grant(String id) {
        needed.remove(id);
        return on(new Event.Granted(id, nextToken(id)));
    }

    /** Grants whatever was asked for, in the order of asking. */
    public CoreHarness grantAll() {
        List.copyOf(needed).forEach(this::grant);
        return this;
    }

    CoreHarness pass(Duration time) {
        nanos += time.toNanos();
        return on(new Event.Tick());
    }

    CoreHarness on(Event event) {
        for (Effect effect : event.apply(core, moment())) {
            lines.add(line(effect));
        }
        return this;
    }

    // --- what is seen

    /** The effects since the last call. */
    public List<String> take() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    /** Of the effects since the last call those that begin with one of the words. */
    public List<String> take(String... words) {
        return take().stream()
                .filter(line -> Arrays.asList(words).contains(line.split(" ", 2)[0]))
                .toList();
    }

    Status status(String id) {
        Child child = ledger.child(id);
        return child == null ? null : child.state().status();
    }

    LocalChild view(String id) {
        return ledger.view(ledger.child(id));
    }

    int inWindow() {
        return ledger.restartsInWindow(nanos);
    }

    long token(String id) {
        return ledger.child(id).token();
    }

    long nextToken(String id) {
        return tokens.merge(id, 1L, Long::sum);
    }

    private Moment moment() {
        return new Moment(nanos, Instant.EPOCH.plusNanos(nanos));
    }

    private String line(Effect effect) {
        String id = effect.child().id();
        if (effect instanceof Effect.Order order) {
            return switch (order.act()) {
                case START -> "run " + id;
                case TELL -> "tell " + id;
                case ASK_PROGRESS -> "askProgress " + id;
                case INTERRUPT -> "interrupt " + id;
            };
        }
        Notice notice = (Notice) effect;
        Status status = notice.child().status();
        return switch (notice.kind()) {
            case STARTED -> "started " + id + " " + notice.cause();
            case START_FAILED -> "startFailed " + id + " " + status;
            case EXITED -> "exited " + id + " " + status;
            case TOKEN_NEEDED -> {
                needed.add(id);
                yield "tokenNeeded " + id;
            }
            case RESTART_DELAYED -> "restartDelayed " + id + " " + notice.delay();
            case STOPPING -> "stopping " + id + " " + notice.reason();
            case STOPPED -> "stopped " + id + " " + notice.reason() + " " + status;
            case STUCK -> "stuck " + id;
            case ABANDONED -> "abandoned " + id;
            case QUARANTINED -> "quarantined " + id + " " + status;
            case GAVE_UP -> "gaveUp";
        };
    }
}
