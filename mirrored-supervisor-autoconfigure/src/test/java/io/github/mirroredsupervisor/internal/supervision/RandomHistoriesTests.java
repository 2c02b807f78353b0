package io.github.mirroredsupervisor.internal.supervision;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.internal.supervision.run.SimulatedRuns;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.Launch.Attempt;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.internal.supervision.values.SupervisorFlags;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever happens in whatever order: the invariants of {@link SimulatedRuns} hold, and everything comes to rest. */
class RandomHistoriesTests {

    private static final List<String> IDS = List.of("a", "b", "c", "d", "e");

    enum Act {
        START,
        START_MORE,
        BEGIN,
        COMMAND,
        INIT_RETURNS,
        INIT_RETURNS_AGAIN,
        INIT_THROWS,
        INIT_DECLINES,
        RETURNS,
        CRASHES,
        CRASHES_AGAIN,
        LEARNS,
        ENDS_IF_TOLD,
        ENDS_ALL_TOLD,
        GRANT,
        GRANT_ALL,
        PROGRESS,
        END_ABANDONED,
        REFUSE,
        STOP,
        STOP_ALL,
        FORGET,
        REVOKE,
        RESET,
        PASS_LITTLE,
        PASS_MUCH
    }

    record Step(Act act, int child, int roll) {}

    @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
    void invariantsHoldAndEverythingComesToRest(
            @ForAll("flags") SupervisorFlags flags,
            @ForAll("specs") List<ChildSpec> specs,
            @ForAll("histories") List<Step> history) {
        SimulatedRuns runs = new SimulatedRuns(flags);
        history.forEach(step -> carryOut(step, specs, runs));
        runs.settle();
        runs.on(new Event.StopAll(StopReason.LEAVING));
        runs.settle();
        assertThat(runs.isIdle()).isTrue();
    }

    @Provide
    Arbitrary<SupervisorFlags> flags() {
        return Combinators.combine(
                        Arbitraries.of(Strategy.class),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.of(0, 2),
                        Arbitraries.of(OnIntensityExceeded.class),
                        Arbitraries.integers().between(1, 3))
                .as((strategy, intensity, delay, exceeded, starts) -> new SupervisorFlags(
                        strategy,
                        intensity,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(delay),
                        exceeded,
                        Specs.bounds(starts)));
    }

    @Provide
    Arbitrary<List<ChildSpec>> specs() {
        Arbitrary<ChildSpec> spec = Combinators.combine(
                        Arbitraries.of(RestartType.class),
                        Arbitraries.of(Shutdown.WORKER_DEFAULT, new Shutdown.Brutal(), new Shutdown.Infinity()),
                        Arbitraries.of(OutagePolicy.class),
                        Arbitraries.of(Duration.ZERO, Duration.ofSeconds(1)).injectNull(0.5),
                        Arbitraries.of(Duration.ofSeconds(2)).injectNull(0.7))
                .as((restart, shutdown, outage, delay, progress) -> ChildSpec.of("x", "test")
                        .withRestart(restart)
                        .withShutdown(shutdown)
                        .withOnOutage(outage)
                        .withRestartDelay(delay)
                        .withProgressTimeout(progress));
        return spec.list().ofSize(IDS.size());
    }

    @Provide
    Arbitrary<List<Step>> histories() {
        return Combinators.combine(
                        Arbitraries.of(Act.class),
                        Arbitraries.integers().between(0, IDS.size() - 1),
                        Arbitraries.integers().between(0, 99))
                .as(Step::new)
                .list()
                .ofMaxSize(120);
    }

    private static void carryOut(Step step, List<ChildSpec> specs, SimulatedRuns runs) {
        String id = IDS.get(step.child());
        SimulatedRuns.Run run = runs.live.get(id);
        switch (step.act()) {
            case START, START_MORE ->
                runs.start(named(specs, step.child(), 1 + step.roll() % IDS.size()), Attempt.FIRST);
            case BEGIN -> runs.start(named(specs, step.child(), IDS.size()), Attempt.INITIAL);
            case COMMAND -> runs.start(named(specs, step.child(), 1), Attempt.COMMANDED);
            case LEARNS -> {
                if (run != null) {
                    runs.learns(id);
                }
            }
            case INIT_RETURNS, INIT_RETURNS_AGAIN -> {
                if (run != null && !run.initialised) {
                    runs.initReturns(id);
                }
            }
            case INIT_THROWS, INIT_DECLINES -> {
                if (run != null && !run.initialised) {
                    boolean declines = step.act() == Act.INIT_DECLINES;
                    runs.ends(
                            id,
                            Exit.thrownByInit(declines ? ChildExit.ignore() : new IllegalStateException("no start")));
                }
            }
            case RETURNS, CRASHES, CRASHES_AGAIN -> {
                if (run != null && run.initialised) {
                    boolean returns = step.act() == Act.RETURNS;
                    runs.ends(id, returns ? Exit.returned() : Exit.thrownByRun(new IllegalStateException("boom")));
                }
            }
            case ENDS_IF_TOLD -> endIfTold(id, runs);
            case ENDS_ALL_TOLD -> IDS.forEach(each -> endIfTold(each, runs));
            case GRANT -> grant(id, runs);
            case GRANT_ALL -> IDS.forEach(each -> grant(each, runs));
            case PROGRESS -> {
                if (run != null) {
                    runs.progress(id);
                }
            }
            case END_ABANDONED -> runs.endAbandoned();
            case REFUSE -> {
                if (runs.tokensNeeded.contains(id) && step.roll() < 30) {
                    runs.refuse(id);
                }
            }
            case STOP -> runs.on(new Event.Stop(id, StopReason.values()[step.roll() % 6]));
            case STOP_ALL -> {
                if (step.roll() < 20) {
                    runs.on(new Event.StopAll(StopReason.GROUP_TERMINATED));
                }
            }
            case FORGET -> runs.on(new Event.Forget(id));
            case REVOKE -> {
                if (step.roll() < 40) {
                    runs.revoke(step.roll() % 2 == 0, step.roll() % 3 == 0 ? id : null);
                }
            }
            case RESET -> runs.reset();
            case PASS_LITTLE -> runs.pass(Duration.ofMillis(step.roll() * 10L));
            case PASS_MUCH -> runs.pass(Duration.ofMillis(step.roll() * 100L));
        }
    }

    private static void endIfTold(String id, SimulatedRuns runs) {
        SimulatedRuns.Run run = runs.live.get(id);
        if (run != null && run.told != null) {
            runs.ends(id, Exit.thrownByRun(new InterruptedException()));
        }
    }

    private static void grant(String id, SimulatedRuns runs) {
        if (runs.tokensNeeded.contains(id)) {
            runs.grant(id);
        }
    }

    /** Some of the children beginning with one, in start order. */
    private static List<ChildSpec> named(List<ChildSpec> specs, int first, int count) {
        return IntStream.range(first, Math.min(first + count, IDS.size()))
                .mapToObj(i -> withId(specs.get(i), IDS.get(i)))
                .toList();
    }

    private static ChildSpec withId(ChildSpec spec, String id) {
        return new ChildSpec(
                id,
                spec.type(),
                spec.arguments(),
                spec.restart(),
                spec.restartDelay(),
                spec.shutdown(),
                spec.kind(),
                spec.significant(),
                spec.takeover(),
                spec.onOutage(),
                spec.progressTimeout());
    }
}
