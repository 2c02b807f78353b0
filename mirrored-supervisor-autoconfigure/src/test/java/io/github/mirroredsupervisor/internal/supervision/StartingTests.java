package io.github.mirroredsupervisor.internal.supervision;

import static io.github.mirroredsupervisor.internal.supervision.Specs.permanent;
import static io.github.mirroredsupervisor.internal.supervision.Specs.temporary;
import static io.github.mirroredsupervisor.internal.supervision.Specs.trans;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.LastExit.Kind;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.Launch.Attempt;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Starting and failing to start; methods are named after the semantics rows and protocol rules they check. */
class StartingTests {

    private final CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 3);

    @ParameterizedTest
    @EnumSource(Strategy.class)
    void a11StartsEachChildAfterItsPredecessorsInit(Strategy strategy) {
        CoreHarness any = CoreHarness.with(strategy, 1, 3);
        any.start(permanent("a"), permanent("b"), permanent("c"));
        assertThat(any.take()).containsExactly("run a");
        assertThat(any.status("c")).isEqualTo(Status.STARTING);
        any.initReturns("a");
        assertThat(any.take()).containsExactly("started a STARTED", "run b");
        any.initThrows("b");
        assertThat(any.take("run")).containsExactly("run c");
    }

    @Test
    void a11OtherBatchesDoNotWait() {
        core.start(permanent("slow"), permanent("behind")).take();
        core.start(permanent("other"));
        assertThat(core.take()).containsExactly("run other");
    }

    @Test
    void a11ASlowInitHoldsUpIndependentSiblingsNoLongerThanTheStopBound() {
        core.start(permanent("slow"), permanent("behind")).take();
        assertThat(core.core.nextWakeup())
                .isEqualTo(core.nanos + Duration.ofMillis(500).toNanos());
        assertThat(core.pass(Duration.ofMillis(499)).take()).isEmpty();
        assertThat(core.pass(Duration.ofMillis(1)).take()).containsExactly("run behind");
        core.initReturns("slow");
        assertThat(core.take()).containsExactly("started slow STARTED");
    }

    @Test
    void a11ASlowInitHoldsUpDependentSiblingsAsLongAsItTakes() {
        CoreHarness dependent = CoreHarness.with(Strategy.REST_FOR_ONE, 1, 3);
        dependent.start(permanent("slow"), permanent("behind")).take();
        assertThat(dependent.pass(Duration.ofHours(1)).take()).isEmpty();
        assertThat(dependent.initReturns("slow").take("run")).containsExactly("run behind");
    }

    @Test
    void a11IndependentChildrenThatNobodyListedBeginInOrderAndOverlapUpToTheBound() {
        core.adopt(permanent("a"), permanent("b"), permanent("c"), permanent("d"));
        assertThat(core.take()).containsExactly("run a", "run b");
        assertThat(core.core.nextWakeup())
                .isEqualTo(core.nanos + Duration.ofMillis(500).toNanos());
        assertThat(core.initReturns("b").take()).containsExactly("started b STARTED", "run c");
        assertThat(core.initThrows("a").take("run")).containsExactly("run d");
        core.initReturns("c").initReturns("d").take();
        assertThat(core.pass(Duration.ofSeconds(3)).take()).containsExactly("tokenNeeded a");
        assertThat(core.core.nextWakeup()).isNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = Strategy.class,
            names = {"ONE_FOR_ALL", "REST_FOR_ONE"})
    void a11DependentChildrenNeverOverlapWhoeverAskedForThem(Strategy strategy) {
        CoreHarness dependent = CoreHarness.with(strategy, 1, 3);
        dependent.adopt(permanent("a"), permanent("b"));
        dependent.command(permanent("c"), permanent("d"));
        assertThat(dependent.take()).containsExactly("run a", "run c");
        assertThat(dependent.initReturns("a").take("run")).containsExactly("run b");
        assertThat(dependent.initReturns("c").take("run")).containsExactly("run d");
    }

    @Test
    void a11TheBoundHoldsForAllBatchesTogetherAndTheEarlierBatchComesFirst() {
        core.adopt(permanent("a"), permanent("b"), permanent("c"));
        core.adopt(permanent("d"), permanent("e"));
        assertThat(core.take()).containsExactly("run a", "run b");
        assertThat(core.initReturns("a").take("run")).containsExactly("run c");
        assertThat(core.initReturns("b").take("run")).containsExactly("run d");
        assertThat(core.initReturns("d").take("run")).containsExactly("run e");
    }

    @Test
    void a11InitsThatHangHoldUpOthersNoLongerThanTheStopBoundHoweverManyTheyAre() {
        core.adopt(permanent("x"), permanent("y"), permanent("a"), permanent("b"), permanent("c"))
                .take();
        assertThat(core.pass(Duration.ofMillis(499)).take()).isEmpty();
        assertThat(core.pass(Duration.ofMillis(1)).take()).containsExactly("run a", "run b");
        assertThat(core.initReturns("a").take("run")).containsExactly("run c");
        core.initReturns("b").initReturns("c").take();
        assertThat(core.core.nextWakeup()).isNull();
        assertThat(core.initReturns("x").take()).containsExactly("started x STARTED");
        assertThat(core.status("y")).isEqualTo(Status.STARTING);
    }

    @Test
    void a11ABatchThatFindsNoPlaceLooksAgainWhenTheEarliestInitCeasesToCount() {
        long limit = core.nanos + Duration.ofMillis(500).toNanos();
        core.adopt(permanent("x")).pass(Duration.ofMillis(100));
        core.adopt(permanent("y")).adopt(permanent("a")).take();
        assertThat(core.core.nextWakeup()).isEqualTo(limit);
        assertThat(core.pass(Duration.ofMillis(400)).take()).containsExactly("run a");
    }

    @Test
    void a11AnInitThatIsToldToStopNoLongerCounts() {
        core.adopt(permanent("x"), permanent("y"), permanent("a"), permanent("b"))
                .take();
        assertThat(core.stop("x").take("run")).containsExactly("run a");
        core.command(permanent("x")); // waits for its thread
        assertThat(core.endsTold("x", StopReason.TERMINATED).take("run")).containsExactly("run x");
        assertThat(core.initReturns("x").take("run")).isEmpty();
        assertThat(core.initReturns("y").take("run")).containsExactly("run b");
    }

    @Test
    void a11ListedChildrenComeFirstAndOneAfterAnother() {
        core.on(new Event.Start(List.of(
                core.launch(Attempt.FIRST, true, permanent("s")),
                core.launch(Attempt.FIRST, true, permanent("t")),
                core.launch(Attempt.FIRST, false, permanent("a")),
                core.launch(Attempt.FIRST, false, permanent("b")))));
        assertThat(core.take()).containsExactly("run s");
        assertThat(core.initReturns("s").take("run")).containsExactly("run t");
        assertThat(core.initReturns("t").take("run")).containsExactly("run a", "run b");
    }

    @Test
    void a18AStartThatACallerWaitsForWaitsForNoOther() {
        core.adopt(permanent("x"), permanent("y"), permanent("z")).take();
        core.command(permanent("a"), permanent("b"), permanent("c"));
        assertThat(core.take()).containsExactly("run a", "run b", "run c");
        assertThat(core.initThrows("b").take()).containsExactly("startFailed b DOWN");
        assertThat(core.initReturns("x").take("run"))
                .as("calls do not take the place of others")
                .containsExactly("run z");
    }

    @Test
    void a18AListedChildThatACallRestartsKeepsItsPlaceInItsBatch() {
        core.on(new Event.Start(List.of(
                core.launch(Attempt.FIRST, true, permanent("s")),
                core.launch(Attempt.COMMANDED, true, permanent("t")))));
        assertThat(core.take()).containsExactly("run s");
    }

    @Test
    void a40AStopReachesEveryInitThatIsUnderWayAndNothingElseBegins() {
        core.adopt(permanent("a"), permanent("b"), permanent("c")).take();
        assertThat(core.stopAll().take("tell", "run", "stopped"))
                .containsExactly("stopped c LEAVING DOWN", "tell b", "tell a");
        assertThat(core.returnsAllTold().take("run")).isEmpty();
        assertThat(core.core.nextWakeup()).isNull();
    }

    @Test
    void a38OfSeveralInitsThatFailAtTheSameTimeEachRestartCounts() {
        CoreHarness plain = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 0);
        plain.up(permanent("a"), permanent("b"));
        plain.crashes("a").grantAll().take();
        plain.adopt(permanent("c"), permanent("d"), permanent("e"), permanent("f"));
        assertThat(plain.take()).containsExactly("run c", "run d");
        plain.initThrows("c").initThrows("d"); // first starts, which never count
        assertThat(plain.take("run", "gaveUp")).containsExactly("run e", "run f");
        plain.initThrows("a");
        assertThat(plain.take("tell", "gaveUp")).containsExactly("tell f", "tell e", "tell b", "gaveUp");
    }

    @Test
    void a11AChildStoppedInItsQueueIsSkipped() {
        core.start(permanent("a"), permanent("b"), permanent("c")).take();
        core.stop("b");
        assertThat(core.take()).containsExactly("stopped b TERMINATED DOWN");
        assertThat(core.initReturns("a").take("run")).containsExactly("run c");
    }

    @Test
    void a11AChildLaunchedAnewWaitsInItsNewBatchOnly() {
        CoreHarness dependent = CoreHarness.with(Strategy.REST_FOR_ONE, 1, 3);
        dependent.start(permanent("a"), permanent("b"));
        dependent.start(permanent("x")).stop("b").take();
        dependent.start(permanent("y"), permanent("b")).initReturns("a");
        assertThat(dependent.take("run")).containsExactly("run y");
        assertThat(dependent.initReturns("y").take("run")).containsExactly("run b");
    }

    @Test
    void a11AChildStoppedInItsInitIsNotWaitedFor() {
        core.start(permanent("a"), permanent("b")).take();
        core.stop("a");
        assertThat(core.take()).containsExactly("tell a", "stopping a TERMINATED", "run b");
        core.initThrows("a");
        assertThat(core.take()).containsExactly("stopped a TERMINATED DOWN");
    }

    @ParameterizedTest
    @EnumSource
    void a12WhenOneOfThoseItBeginsWithFailsTheLaterOnesAreNotStarted(Strategy strategy) {
        CoreHarness begun = CoreHarness.with(strategy, 1, 3);
        begun.begin(permanent("a"), permanent("b"), permanent("c"), permanent("d"));
        begun.initReturns("a").initReturns("b").initThrows("c");
        assertThat(begun.take("run", "startFailed", "restartDelayed"))
                .containsExactly("run a", "run b", "run c", "startFailed c DOWN");
        begun.stopAll();
        while (begun.view("a").status().isLive()) {
            List<String> told = List.of("b", "a").stream()
                    .filter(id -> begun.status(id) == Status.STOPPING)
                    .toList();
            told.forEach(begun::returns);
        }
        assertThat(begun.take("tell", "run")).containsExactly("tell b", "tell a");
    }

    @Test
    void a12OneThatDeclinesIsNoFailure() {
        core.begin(permanent("a"), permanent("b")).initDeclines("a");
        assertThat(core.take("run")).containsExactly("run a", "run b");
    }

    @Test
    void a13ADeclinedStartLeavesTheChildKnown() {
        core.start(permanent("a"), permanent("b")).take();
        core.initDeclines("a");
        assertThat(core.take()).containsExactly("startFailed a COMPLETED", "run b");
        assertThat(core.view("a").lastExit().kind()).isEqualTo(Kind.IGNORED);
    }

    @Test
    void a13ADeclinedTemporaryChildIsForgotten() {
        core.command(temporary("a")).take();
        core.initDeclines("a");
        assertThat(core.take()).containsExactly("startFailed a COMPLETED");
        assertThat(core.status("a")).isNull();
    }

    @Test
    void a44ACommandedStartThatFailsIsOver() {
        core.command(trans("a")).take();
        core.initThrows("a");
        assertThat(core.take()).containsExactly("startFailed a DOWN");
        assertThat(core.view("a").lastExit().reason()).isEqualTo("IllegalStateException: no start");
        assertThat(core.core.nextWakeup()).isNull();
        assertThat(core.inWindow()).isZero();
    }

    @Test
    void a44ACommandedStartDoesNotCountForTheIntensity() {
        core.command(permanent("a")).initReturns("a").stop("a").endsTold("a", StopReason.TERMINATED);
        core.command(permanent("a")).initReturns("a");
        assertThat(core.inWindow()).isZero();
        assertThat(core.view("a").restarts()).isZero();
    }

    @Test
    void b42AFirstStartThatFailsIsRetriedAfterTheDelayAndNotCounted() {
        core.start(permanent("a"), permanent("b")).take();
        core.initThrows("a");
        assertThat(core.take()).containsExactly("startFailed a DELAYED", "restartDelayed a PT3S", "run b");
        for (int i = 0; i < 5; i++) {
            assertThat(core.pass(Duration.ofSeconds(3)).take()).containsExactly("tokenNeeded a");
            assertThat(core.grant("a").take()).containsExactly("run a");
            assertThat(core.initThrows("a").take()).containsExactly("startFailed a DELAYED", "restartDelayed a PT3S");
        }
        assertThat(core.inWindow()).isZero();
        core.pass(Duration.ofSeconds(3)).grant("a").take();
        assertThat(core.initReturns("a").take()).containsExactly("started a RESTARTED");
        assertThat(core.view("a").restarts()).isZero();
    }

    @Test
    void b42WithoutADelayTheRetryWaitsForThePeriod() {
        CoreHarness plain = CoreHarness.with(Strategy.ONE_FOR_ALL, 0, 0);
        plain.up(permanent("z"));
        plain.start(permanent("a")).initThrows("a");
        assertThat(plain.take()).containsExactly("run a", "startFailed a DELAYED", "restartDelayed a PT5S");
        plain.pass(Duration.ofSeconds(5)).grant("a").initReturns("a");
        assertThat(plain.take()).containsExactly("tokenNeeded a", "run a", "started a RESTARTED");
        assertThat(plain.status("z")).isEqualTo(Status.RUNNING);
    }

    @Test
    void b42ATemporaryChildIsNotRetried() {
        core.start(temporary("a")).initThrows("a");
        assertThat(core.take()).containsExactly("run a", "startFailed a DOWN");
        assertThat(core.status("a")).isNull();
    }

    @Test
    void aLaunchOfALiveChildIsIgnored() {
        core.up(permanent("a"));
        core.start(permanent("a"));
        assertThat(core.take()).isEmpty();
        assertThat(core.token("a")).isEqualTo(1);
    }

    @Test
    void rule7ATokenServesOneRunEvenAfterTheChildWasForgotten() {
        core.up(permanent("a"));
        core.stop("a").endsTold("a", StopReason.TERMINATED).on(new Event.Forget("a"));
        core.take();
        assertThat(core.status("a")).isNull();
        Launch old = new Launch(permanent("a"), 0, 1, StartCause.STARTED, Attempt.COMMANDED, false);
        assertThat(core.on(new Event.Start(List.of(old))).take()).isEmpty();
        assertThat(core.start(permanent("a")).take()).containsExactly("run a");
    }

    @Test
    void rule7ARestartIsNotGrantedAnOldToken() {
        core.up(permanent("a")).crashes("a").take();
        assertThat(core.on(new Event.Granted("a", 1)).take()).isEmpty();
        assertThat(core.status("a")).isEqualTo(Status.AWAITING_TOKEN);
        assertThat(core.grant("a").take()).containsExactly("run a");
    }

    @Test
    void aGrantThatIsNoLongerAwaitedIsIgnored() {
        core.up(permanent("a")).crashes("a").stop("a").take();
        assertThat(core.grant("a").take()).isEmpty();
        assertThat(core.status("a")).isEqualTo(Status.DOWN);
    }

    @Test
    void aChildThatAwaitsATokenCanBeForgotten() {
        core.up(permanent("a")).crashes("a");
        core.on(new Event.Forget("a"));
        assertThat(core.status("a")).isNull();
    }

    @Test
    void aLaunchOfAChildThatIsStoppingWaitsForItsThread() {
        core.up(permanent("a"));
        core.stop("a").take();
        assertThat(core.start(permanent("a")).take()).isEmpty();
        assertThat(core.pass(Duration.ofSeconds(5)).take()).containsExactly("interrupt a", "stuck a");
        core.endsTold("a", StopReason.TERMINATED);
        assertThat(core.take()).containsExactly("stopped a TERMINATED DOWN", "run a");
        assertThat(core.token("a")).isEqualTo(2);
    }

    @Test
    void aStopDropsTheLaunchThatWaitsForTheThread() {
        core.up(permanent("a"));
        core.stop("a").start(permanent("a")).stop("a").take();
        assertThat(core.endsTold("a", StopReason.TERMINATED).take()).containsExactly("stopped a TERMINATED DOWN");
    }

    @Test
    void aLaunchTakesTheNewSpecAndPlace() {
        core.up(permanent("a"), permanent("b"));
        core.stop("a").endsTold("a", StopReason.TERMINATED);
        core.on(new Event.Start(List.of(new Launch(trans("a"), 99, 7, StartCause.STARTED, Attempt.COMMANDED, false))));
        assertThat(core.view("a").spec()).isEqualTo(trans("a"));
        assertThat(core.ledger.inStartOrder()).extracting(Child::id).containsExactly("b", "a");
    }

    @Test
    void aLaunchOfAWaitingChildReplacesItsRestart() {
        core.up(permanent("a")).crashes("a").take();
        assertThat(core.command(permanent("a")).take()).containsExactly("run a");
        assertThat(core.initThrows("a").take()).containsExactly("startFailed a DOWN");
    }

    @Test
    void aRunThatLacksPermissionIsStopped() {
        core.start(permanent("a"), permanent("b")).take();
        core.endsTold("a", StopReason.PERMISSION_LOST);
        assertThat(core.take()).containsExactly("stopped a PERMISSION_LOST DOWN", "run b");
    }

    @Test
    void reportsOfFormerRunsAreIgnored() {
        core.up(permanent("a")).crashes("a").grant("a").take();
        core.on(new Event.InitReturned("a", 1)).on(new Event.Ended("a", 1, Exit.returned(), null));
        assertThat(core.take()).isEmpty();
        assertThat(core.status("a")).isEqualTo(Status.STARTING);
    }
}
