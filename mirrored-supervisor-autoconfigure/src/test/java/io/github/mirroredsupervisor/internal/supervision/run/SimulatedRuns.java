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

        public boolean initialised;

        long progressAt;

        Run(ChildSpec spec, long token) {
            this.spec = spec;
            this.token = token;
        }
    }

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
    private boolean gaveUp;
    private long nanos = Long.MAX_VALUE - 20 * CoreHarness.SECOND;

    public SimulatedRuns(SupervisorFlags flags) {
        this.flags = flags;
        this.ledger = new SupervisorState(flags, moment());
        this.core = new SupervisorCore(ledger);
    }

    // --- what happens

    public void start(List<ChildSpec> specs, Attempt attempt) {
        List<Launch> batch = new ArrayList<>();
        for (ChildSpec spec : specs) {
            batch.add(new Launch(spec, spec.id().charAt(0), nextToken(spec.id()), StartCause.STARTED, attempt));
        }
        on(new Event.Start(batch));
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
        live.put(id, new Run(start.spec(), start.token()));
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
