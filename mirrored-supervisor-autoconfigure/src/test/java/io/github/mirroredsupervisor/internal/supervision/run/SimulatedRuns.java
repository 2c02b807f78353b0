package io.github.mirroredsupervisor.internal.supervision.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.supervision.Child;
import io.github.mirroredsupervisor.internal.supervision.ChildState;
import io.github.mirroredsupervisor.internal.supervision.CoreHarness;
import io.github.mirroredsupervisor.internal.supervision.Effect;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.SupervisorCore;
import io.github.mirroredsupervisor.internal.supervision.SupervisorState;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.Launch.Attempt;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.Moment;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.internal.supervision.values.SupervisorFlags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A core with simulated threads. Every effect and every state after an event is checked against what must always hold.
 */
public final class SimulatedRuns {

    /** One simulated thread. */
    public static final class Run {
        final ChildSpec spec;
        final long token;

        @Nullable
        public StopReason told;

        long toldAt;

        final long begunAt;

        /** The batch in which it was asked for; 0 if it was started by itself. */
        final int batch;

        public boolean initialised;

        long progressAt;

        Run(ChildSpec spec, long token, long begunAt, int batch) {
            this.spec = spec;
            this.token = token;
            this.begunAt = begunAt;
            this.batch = batch;
        }
    }

    /** The children before this one are listed by the application. */
    private static final String FIRST_DYNAMIC = "c";

    public final TreeMap<String, Run> live = new TreeMap<>();

    /** Threads that are not waited for any more. */
    private final List<Run> abandoned = new ArrayList<>();

    public final Set<String> tokensNeeded = new LinkedHashSet<>();
    private final Set<String> asked = new LinkedHashSet<>();
    private final SupervisorFlags flags;
    private final SupervisorState ledger;
    private final SupervisorCore core;
    private final Map<String, Long> granted = new HashMap<>();
    private final Map<String, Long> lastRun = new HashMap<>();
    private final Set<String> stopsPending = new HashSet<>();

    /** For each child the batch of its last launch that did not wait for its former thread, and was no call. */
    private final Map<String, Integer> batches = new HashMap<>();

    private int batch;
    private boolean gaveUp;
    private long nanos = Long.MAX_VALUE - 20 * CoreHarness.SECOND;

    public SimulatedRuns(SupervisorFlags flags) {
        this.flags = flags;
        this.ledger = new SupervisorState(flags, moment());
        this.core = new SupervisorCore(ledger);
    }

    // --- what happens

    public void start(List<ChildSpec> specs, Attempt attempt) {
        List<Launch> launches = new ArrayList<>();
        batch++;
        for (ChildSpec spec : specs) {
            String id = spec.id();
            Child known = ledger.child(id);
            boolean waits = known != null && known.state().hasThread();
            boolean called = attempt == Attempt.COMMANDED && !isDeclared(id);
            batches.put(id + "#" + nextToken(id), waits || called ? 0 : batch);
            launches.add(new Launch(spec, id.charAt(0), granted.get(id), StartCause.STARTED, attempt, isDeclared(id)));
        }
        on(new Event.Start(launches));
    }

    private static boolean isDeclared(String id) {
        return id.compareTo(FIRST_DYNAMIC) < 0;
    }

    public void initReturns(String id) {
        Run run = live.get(id);
        if (run.told == null) {
            run.initialised = true;
            run.progressAt = nanos;
            on(new Event.InitReturned(id, run.token));
        }
    }

    public void ends(String id, Exit exit) {
        Run run = live.remove(id);
        on(new Event.Ended(id, run.token, exit, run.told));
    }

    public void grant(String id) {
        tokensNeeded.remove(id);
        on(new Event.Granted(id, nextToken(id)));
    }

    public void refuse(String id) {
        tokensNeeded.remove(id);
        on(new Event.Forget(id));
    }

    /** Tells the runs first, as the watchdog does; one of them may end before the core hears of it. */
    public void revoke(boolean sparing, @Nullable String endsFirst) {
        long at = nanos;
        for (Run run : live.values()) {
            if (run.told == null && !(sparing && run.spec.onOutage() == OutagePolicy.CONTINUE)) {
                run.told = StopReason.PERMISSION_LOST;
                run.toldAt = nanos;
            }
        }
        if (endsFirst != null && live.containsKey(endsFirst) && live.get(endsFirst).told != null) {
            ends(endsFirst, Exit.stopped(null));
        }
        on(new Event.Revoked(sparing, at));
    }

    /** A run finds out by itself that it is not the present one. */
    public void learns(String id) {
        Run run = live.get(id);
        if (run.told == null) {
            run.told = StopReason.NOT_OWNED;
            run.toldAt = nanos;
        }
        on(new Event.Told(id, run.token, StopReason.NOT_OWNED));
    }

    public void reset() {
        gaveUp = false;
        on(new Event.Reset());
    }

    public void pass(Duration time) {
        nanos += time.toNanos();
        on(new Event.Tick());
    }

    public void progress(String id) {
        live.get(id).progressAt = nanos;
    }

    public void on(Event event) {
        event.apply(core, moment()).forEach(this::check);
        checkStates();
        answerAsked();
    }

    private void answerAsked() {
        List<String> ids = List.copyOf(asked);
        asked.clear();
        for (String id : ids) {
            Run run = live.get(id);
            if (run != null) {
                on(new Event.Progressed(id, run.token, run.progressAt));
            }
        }
    }

    /** Lets everything that is under way come to rest. */
    public void settle() {
        endAbandoned();
        for (int i = 0; i < 200; i++) {
            for (String id : List.copyOf(live.keySet())) {
                Run run = live.get(id);
                if (run.told != null) {
                    ends(id, Exit.stopped(null));
                } else if (run.initialised) {
                    run.progressAt = nanos;
                } else if (!run.initialised) {
                    initReturns(id);
                }
            }
            List.copyOf(tokensNeeded).forEach(this::grant);
            pass(Duration.ofSeconds(1));
        }
        boolean progressing = live.values().stream().anyMatch(run -> run.spec.progressTimeout() != null);
        assertThat(core.nextWakeup() != null)
                .as("nothing but progress is due for ever")
                .isEqualTo(progressing);
        assertThat(stopsPending).as("every stop was reported").isEmpty();
        for (Child child : ledger.inStartOrder()) {
            assertThat(child.state())
                    .as(child.id())
                    .isInstanceOfAny(
                            ChildState.Running.class,
                            ChildState.Down.class,
                            ChildState.Completed.class,
                            ChildState.Quarantined.class);
        }
    }

    /** Threads that nobody waits for end at last. */
    public void endAbandoned() {
        List<Run> ending = List.copyOf(abandoned);
        abandoned.clear();
        ending.forEach(run -> on(new Event.Ended(run.spec.id(), run.token, Exit.stopped(null), run.told)));
    }

    public boolean isIdle() {
        return live.isEmpty();
    }

    // --- what must hold

    private void check(Effect effect) {
        String id = effect.child().id();
        if (effect instanceof Effect.Order order) {
            switch (order.act()) {
                case START -> checkStart(order.child());
                case TELL -> checkTold(order);
                case ASK_PROGRESS -> asked.add(id);
                case INTERRUPT ->
                    assertThat(live.get(id).told)
                            .as("told before it is interrupted again")
                            .isNotNull();
            }
        } else if (effect instanceof Effect.Notice notice) {
            switch (notice.kind()) {
                case TOKEN_NEEDED -> tokensNeeded.add(id);
                case STOPPING ->
                    assertThat(stopsPending.add(id)).as("told once").isTrue();
                case EXITED -> stopsPending.remove(id); // a hung one was told, and has crashed
                case ABANDONED -> checkAbandoned(id);
                case STOPPED -> {
                    assertThat(live).as("stopped means gone, or given up").doesNotContainKey(id);
                    stopsPending.remove(id);
                }
                case GAVE_UP -> gaveUp = true;
                case STARTED, START_FAILED, RESTART_DELAYED, STUCK, QUARANTINED -> {}
            }
        }
    }

    private void checkAbandoned(String id) {
        Run run = live.remove(id);
        assertThat(nanos - run.toldAt)
                .as("%s is not abandoned before its time", id)
                .isGreaterThanOrEqualTo(flags.bounds().abandon().toNanos());
        abandoned.add(run);
    }

    private void checkTold(Effect.Order tell) {
        Run told = live.get(tell.child().id());
        assertThat(told).as("only a live run is told").isNotNull();
        assertThat(told.token).isEqualTo(tell.child().token());
        if (told.told == null) {
            told.told = tell.reason();
            told.toldAt = nanos;
        }
        // Dependent children are stopped one by one.
        boolean cycled = tell.reason() == StopReason.SIBLING;
        boolean orderly = tell.reason() == StopReason.GROUP_TERMINATED;
        if (flags.strategy() == Strategy.ONE_FOR_ONE || (!cycled && !orderly)) {
            return;
        }
        for (Child child : ledger.inStartOrder()) {
            Run run = live.get(child.id());
            boolean ending = child.state() instanceof ChildState.Stopping stopping
                    && !stopping.stuck()
                    && stopping.reason() == tell.reason();
            if (ending && run != null && !child.id().equals(tell.child().id())) {
                assertThat(run.told)
                        .as("%s is told while %s ends", tell.child().id(), child.id())
                        .isNotEqualTo(tell.reason());
            }
        }
    }

    private void checkStart(LocalChild start) {
        String id = start.id();
        assertThat(gaveUp).as("nothing starts after giving up").isFalse();
        assertThat(live).as("never two runs of one child").doesNotContainKey(id);
        assertThat(start.token()).as("tokens rise").isGreaterThan(lastRun.getOrDefault(id, 0L));
        lastRun.put(id, start.token());
        Run run = new Run(start.spec(), start.token(), nanos, batches.getOrDefault(id + "#" + start.token(), 0));
        live.forEach((other, before) -> {
            boolean inOrder = flags.strategy() == Strategy.ONE_FOR_ONE && isDeclared(id) && isDeclared(other);
            if (run.batch != 0 && run.batch == before.batch && inOrder) {
                assertThat(isInInit(before))
                        .as("%s begins while %s is in its init", id, other)
                        .isFalse();
            }
        });
        live.put(id, run);
    }

    /** Whether others have to wait for it under one_for_one. */
    private boolean isInInit(Run run) {
        Child child = ledger.child(run.spec.id());
        boolean isSlow = nanos - run.begunAt >= flags.bounds().stop().toNanos();
        return child.state() instanceof ChildState.Starting && !isSlow;
    }

    /** Under one_for_one a child waits only for inits that are under way, for each at most the stop-bound. */
    private void checkQueue() {
        if (flags.strategy() != Strategy.ONE_FOR_ONE) {
            return;
        }
        List<Run> inits = live.values().stream().filter(this::isInInit).toList();
        boolean declared = inits.stream().anyMatch(run -> isDeclared(run.spec.id()));
        long dynamic = inits.stream()
                .filter(run -> run.batch != 0 && !isDeclared(run.spec.id()))
                .count();
        assertThat(dynamic)
                .as("inits at the same time")
                .isLessThanOrEqualTo(flags.bounds().starts());
        for (Child child : ledger.inStartOrder()) {
            if (child.state() instanceof ChildState.Queued queued) {
                boolean isCalled = queued.attempt() == Attempt.COMMANDED && !isDeclared(child.id());
                assertThat(isCalled)
                        .as("%s waits although a caller does", child.id())
                        .isFalse();
                boolean isFull =
                        !isDeclared(child.id()) && dynamic >= flags.bounds().starts();
                assertThat(declared || isFull)
                        .as("%s waits for something", child.id())
                        .isTrue();
            }
        }
    }

    private void checkStates() {
        for (Child child : ledger.inStartOrder()) {
            Run run = live.get(child.id());
            assertThat(child.state().hasThread())
                    .as("%s, %s", child.id(), child.state())
                    .isEqualTo(run != null);
            if (run != null) {
                assertThat(run.token).isEqualTo(child.token());
            }
        }
        checkQueue();
        int bound = Math.max(flags.intensity(), 1) + (gaveUp ? 1 : 0);
        assertThat(ledger.restartsInWindow(nanos)).as("restarts in the window").isLessThanOrEqualTo(bound);
    }

    private long nextToken(String id) {
        return granted.merge(id, 1L, Long::sum);
    }

    private Moment moment() {
        return new Moment(nanos, Instant.EPOCH);
    }
}
