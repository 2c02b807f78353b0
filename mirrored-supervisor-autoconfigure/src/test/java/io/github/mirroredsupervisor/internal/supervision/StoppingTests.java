package io.github.mirroredsupervisor.internal.supervision;

import static io.github.mirroredsupervisor.internal.supervision.Specs.brutal;
import static io.github.mirroredsupervisor.internal.supervision.Specs.patient;
import static io.github.mirroredsupervisor.internal.supervision.Specs.permanent;
import static io.github.mirroredsupervisor.internal.supervision.Specs.temporary;
import static io.github.mirroredsupervisor.internal.supervision.Specs.trans;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.LastExit.Kind;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stops of one and of all, and the loss of the permission; methods are named after the semantics rows they check. */
class StoppingTests {

    private final CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 3);

    @Test
    void a41AChildIsToldAtOnceAndHasItsTime() {
        core.up(permanent("a"));
        core.stop("a");
        assertThat(core.take()).containsExactly("tell a", "stopping a TERMINATED");
        assertThat(core.pass(Duration.ofMillis(4999)).take()).isEmpty();
        assertThat(core.pass(Duration.ofMillis(1)).take()).containsExactly("interrupt a", "stuck a");
        assertThat(core.status("a")).isEqualTo(Status.STUCK);
        assertThat(core.pass(Duration.ofMillis(2999)).take()).isEmpty();
        core.returns("a");
        assertThat(core.take()).containsExactly("stopped a TERMINATED DOWN");
        assertThat(core.view("a").lastExit().kind()).isEqualTo(Kind.STOPPED);
    }

    @Test
    void a41AThreadThatDoesNotEndIsNotWaitedForLongerThanALease() {
        core.up(permanent("a"));
        core.stop("a").pass(Duration.ofSeconds(5)).take();
        assertThat(core.pass(Duration.ofSeconds(3)).take())
                .containsExactly("abandoned a", "stopped a TERMINATED ABANDONED");
        assertThat(core.core.nextWakeup()).isNull();
        assertThat(core.returns("a").take()).containsExactly("stopped a TERMINATED DOWN");
    }

    @Test
    void a41TheSuccessorOfAnAbandonedRunMayStart() {
        core.up(permanent("a"));
        core.stop("a").pass(Duration.ofSeconds(5)).pass(Duration.ofSeconds(3)).take();
        long old = core.token("a");
        assertThat(core.command(permanent("a")).take("run")).containsExactly("run a");
        core.initReturns("a").take();
        core.on(new Event.Ended("a", old, Exit.returned(), StopReason.TERMINATED));
        assertThat(core.take()).as("the old thread's end is nobody's").isEmpty();
        assertThat(core.status("a")).isEqualTo(Status.RUNNING);
    }

    @Test
    void a41WhatWasToFollowTheStopFollowsWhenTheThreadIsAbandoned() {
        core.up(permanent("a"));
        core.stop("a").command(permanent("a")).pass(Duration.ofSeconds(5)).take();
        assertThat(core.pass(Duration.ofSeconds(3)).take("run")).containsExactly("run a");
    }

    /** Else two children that depend on each other would be stopped at the same time. */
    @Test
    void a40ARunThatBeginsAfterTheStopOfAllDoesNotBelongToIt() {
        CoreHarness dependent = CoreHarness.with(Strategy.ONE_FOR_ALL, 1, 3);
        dependent.up(permanent("a"), permanent("b"), permanent("c"));
        dependent.stop("b").stop("c").stopAll().take();
        dependent.returns("b").take();
        assertThat(dependent.command(permanent("b")).take("run")).containsExactly("run b");
        assertThat(dependent.returns("c").take("tell")).containsExactly("tell a");
    }

    @Test
    void anAbandonedThreadHoldsUpNoStopOfTheOthers() {
        CoreHarness dependent = CoreHarness.with(Strategy.ONE_FOR_ALL, 1, 3);
        dependent.up(permanent("a"), permanent("b"));
        dependent
                .stop("b")
                .pass(Duration.ofSeconds(5))
                .pass(Duration.ofSeconds(3))
                .take();
        assertThat(dependent.stopAll().take("tell", "stopped"))
                .containsExactly("stopped b LEAVING ABANDONED", "tell a");
    }

    @Test
    void a41BrutalDoesNotWait() {
        core.up(brutal("a"));
        core.stop("a").take();
        assertThat(core.pass(Stops.BRUTAL_GRACE).take()).containsExactly("interrupt a", "stuck a");
    }

    @Test
    void a7ATimeoutOfZeroIsBrutal() {
        core.up(permanent("a").withShutdown(new Shutdown.Timeout(Duration.ZERO)));
        core.stop("a").take();
        assertThat(core.pass(Stops.BRUTAL_GRACE).take()).containsExactly("interrupt a", "stuck a");
    }

    @Test
    void a41InfinityWaits() {
        core.up(patient("a"));
        core.stop("a").take();
        assertThat(core.core.nextWakeup()).isNull();
        assertThat(core.pass(Duration.ofDays(1000)).take()).isEmpty();
        assertThat(core.returns("a").take()).containsExactly("stopped a TERMINATED DOWN");
    }

    @Test
    void aFailureDuringTheStopIsNoCrash() {
        core.up(permanent("a"));
        core.stop("a").crashes("a");
        assertThat(core.take("exited", "stopped")).containsExactly("stopped a TERMINATED DOWN");
        assertThat(core.inWindow()).isZero();
    }

    @Test
    void p2ARunThatWasFoundStaleIsStoppedWhateverItThrows() {
        core.up(permanent("a"));
        core.learns("a", core.token("a"), StopReason.NOT_OWNED);
        assertThat(core.take()).containsExactly("tell a", "stopping a NOT_OWNED");
        core.crashes("a");
        assertThat(core.take()).containsExactly("stopped a NOT_OWNED DOWN");
        assertThat(core.view("a").lastExit().kind()).isEqualTo(Kind.STOPPED);
        assertThat(core.inWindow()).isZero();
    }

    @Test
    void p2AStaleRunThatDoesNotEndIsStuck() {
        core.up(permanent("a"));
        core.learns("a", core.token("a"), StopReason.NOT_OWNED).take();
        assertThat(core.pass(Duration.ofSeconds(5)).take()).containsExactly("interrupt a", "stuck a");
    }

    @Test
    void p2WhatAnEarlierRunLearnsConcernsNoLaterOne() {
        core.up(permanent("a"));
        long stale = core.token("a");
        core.crashes("a").grantAll().initReturns("a").take();
        assertThat(core.learns("a", stale, StopReason.NOT_OWNED).take()).isEmpty();
        assertThat(core.status("a")).isEqualTo(Status.RUNNING);
    }

    @Test
    void a43StoppingIsIdempotentAndAnsweredEachTimeNothingRuns() {
        core.up(trans("a")).returns("a").take();
        core.stop("a").stop("a");
        assertThat(core.take()).containsExactly("stopped a TERMINATED DOWN", "stopped a TERMINATED DOWN");
        assertThat(core.stop("unknown").take()).isEmpty();
    }

    @Test
    void aCompletedChildStaysCompleteUnlessItIsTerminated() {
        core.up(trans("a")).returns("a").take();
        assertThat(core.stopAll().take()).containsExactly("stopped a LEAVING COMPLETED");
        assertThat(core.stop("a").take()).containsExactly("stopped a TERMINATED DOWN");
    }

    @Test
    void theLastReasonIsReportedAndTheStrictestDeadlineHolds() {
        core.up(patient("a"));
        core.stop("a").take();
        core.on(new Event.Stop("a", StopReason.PERMISSION_LOST));
        assertThat(core.take()).isEmpty();
        assertThat(core.pass(Duration.ofMillis(500)).take()).containsExactly("interrupt a", "stuck a");
        assertThat(core.returns("a").take()).containsExactly("stopped a PERMISSION_LOST DOWN");
    }

    @Test
    void aLaterReasonDoesNotProlongTheTimeToStop() {
        core.up(permanent("a"));
        core.on(new Event.Stop("a", StopReason.PERMISSION_LOST)).stop("a").take();
        assertThat(core.pass(Duration.ofMillis(500)).take()).containsExactly("interrupt a", "stuck a");
        assertThat(core.returns("a").take()).containsExactly("stopped a TERMINATED DOWN");
    }

    @Test
    void a40IndependentChildrenStopTogetherInReverseOrder() {
        core.up(permanent("a"), permanent("b"), permanent("c"));
        core.stopAll();
        assertThat(core.take("tell")).containsExactly("tell c", "tell b", "tell a");
        core.returns("a").returns("c").returns("b");
        assertThat(core.take("stopped"))
                .containsExactly("stopped a LEAVING DOWN", "stopped c LEAVING DOWN", "stopped b LEAVING DOWN");
    }

    @ParameterizedTest
    @EnumSource(names = {"ONE_FOR_ALL", "REST_FOR_ONE"})
    void a40DependentChildrenStopOneByOne(Strategy strategy) {
        CoreHarness dependent = CoreHarness.with(strategy, 1, 3);
        dependent.up(permanent("a"), permanent("b"), permanent("c"));
        dependent.stopAll();
        assertThat(dependent.take("tell")).containsExactly("tell c");
        assertThat(dependent.returns("c").take("stopped", "tell")).containsExactly("stopped c LEAVING DOWN", "tell b");
        dependent.pass(Duration.ofSeconds(5));
        assertThat(dependent.take("stuck", "tell"))
                .as("a stuck one is not waited for")
                .containsExactly("stuck b", "tell a");
        assertThat(dependent.returns("b").returns("a").take("stopped")).hasSize(2);
    }

    @Test
    void a40AnOrderlyStopWaitsFirstForWhatIsStoppingAlready() {
        CoreHarness dependent = CoreHarness.with(Strategy.ONE_FOR_ALL, 1, 3);
        dependent.up(permanent("a"), permanent("b"), permanent("c"));
        dependent.stop("b").take();
        assertThat(dependent.stopAll().take("tell")).isEmpty();
        dependent.returns("b");
        assertThat(dependent.take("stopped", "tell")).containsExactly("stopped b LEAVING DOWN", "tell c");
    }

    @Test
    void revokingEndsAnOrderlyStop() {
        CoreHarness dependent = CoreHarness.with(Strategy.ONE_FOR_ALL, 1, 3);
        dependent.up(permanent("a"), permanent("b"), permanent("c")).stopAll().take();
        dependent
                .on(new Event.Revoked(false, dependent.nanos))
                .returns("c")
                .returns("b")
                .returns("a");
        assertThat(dependent.take("tell", "stopped"))
                .containsExactly(
                        "tell b",
                        "tell a",
                        "stopped c PERMISSION_LOST DOWN",
                        "stopped b PERMISSION_LOST DOWN",
                        "stopped a PERMISSION_LOST DOWN");
    }

    @Test
    void a40NothingIsRestartedDuringTheStop() {
        CoreHarness dependent = CoreHarness.with(Strategy.ONE_FOR_ALL, 5, 3);
        dependent.up(permanent("a"), permanent("b"), permanent("c"));
        dependent.crashes("b").take();
        dependent.stopAll();
        assertThat(dependent.take("stopped")).containsExactly("stopped b LEAVING DOWN");
        dependent.grant("b").crashes("a");
        assertThat(dependent.take()).containsExactly("exited a DOWN");
        dependent.returns("c");
        assertThat(dependent.take()).containsExactly("stopped c LEAVING DOWN", "stopped a LEAVING DOWN");
    }

    @Test
    void stopAllDropsStartsThatWait() {
        core.start(permanent("a"), permanent("b")).take();
        core.stopAll();
        assertThat(core.take()).containsExactly("stopped b LEAVING DOWN", "tell a", "stopping a LEAVING");
        assertThat(core.initReturns("a").take()).isEmpty();
        assertThat(core.returns("a").take()).containsExactly("stopped a LEAVING DOWN");
    }

    @Test
    void revokingStopsAllWithinTheStopBoundWhateverTheirShutdown() {
        core.up(patient("a"), permanent("b"), brutal("c"), trans("done"))
                .returns("done")
                .crashes("b")
                .take();
        core.start(permanent("d"), permanent("e")).take();
        core.on(new Event.Revoked(false, core.nanos));
        assertThat(core.take("tell", "stopped"))
                .containsExactly(
                        "stopped e PERMISSION_LOST DOWN",
                        "tell d",
                        "tell c",
                        "stopped b PERMISSION_LOST DOWN",
                        "tell a");
        assertThat(core.status("done")).isEqualTo(Status.COMPLETED);
        core.pass(Duration.ofMillis(500));
        assertThat(core.take("stuck")).containsExactly("stuck a", "stuck c", "stuck d");
        assertThat(core.inWindow()).as("the history survives").isEqualTo(1);
    }

    @Test
    void theStopBoundCountsFromTheRevocation() {
        core.up(permanent("a"));
        long revoked = core.nanos;
        core.nanos += Duration.ofMillis(400).toNanos();
        core.on(new Event.Revoked(false, revoked)).take();
        assertThat(core.pass(Duration.ofMillis(100)).take()).contains("stuck a");
    }

    @Test
    void revokingSparesThoseThatRunOn() {
        ChildSpec on = permanent("on").withOnOutage(OutagePolicy.CONTINUE);
        core.up(on, permanent("off")).on(new Event.Revoked(true, core.nanos));
        assertThat(core.take("tell")).containsExactly("tell off");
        core.on(new Event.Revoked(false, core.nanos));
        assertThat(core.take("tell")).containsExactly("tell on");
    }

    @Test
    void aRunThatEndsBeforeTheCoreHearsOfTheRevocationHasStopped() {
        core.up(permanent("a"));
        core.on(new Event.Ended("a", 1, Exit.thrownByRun(new InterruptedException()), StopReason.PERMISSION_LOST));
        assertThat(core.take()).containsExactly("stopped a PERMISSION_LOST DOWN");
        assertThat(core.on(new Event.Revoked(false, core.nanos)).take()).isEmpty();
        assertThat(core.start(permanent("a")).take())
                .as("it can be launched again")
                .containsExactly("run a");
    }

    @Test
    void revokingEndsACycle() {
        CoreHarness dependent = CoreHarness.with(Strategy.ONE_FOR_ALL, 5, 3);
        dependent
                .up(permanent("a"), permanent("b"), permanent("c"))
                .crashes("a")
                .take();
        dependent.on(new Event.Revoked(false, dependent.nanos));
        assertThat(dependent.take("tell", "stopped")).containsExactly("tell b", "stopped a PERMISSION_LOST DOWN");
        dependent.returns("c").returns("b");
        assertThat(dependent.take())
                .containsExactly("stopped c PERMISSION_LOST DOWN", "stopped b PERMISSION_LOST DOWN");
        dependent.start(permanent("a"));
        assertThat(dependent.take()).containsExactly("run a");
    }

    @Test
    void aStoppedTemporaryChildStaysKnownUntilItIsForgotten() {
        core.up(temporary("a"));
        core.stop("a").returns("a");
        assertThat(core.status("a")).isEqualTo(Status.DOWN);
        core.on(new Event.Forget("a"));
        assertThat(core.status("a")).isNull();
    }

    @Test
    void aLiveChildIsNotForgotten() {
        core.up(permanent("a")).on(new Event.Forget("a"));
        assertThat(core.status("a")).isEqualTo(Status.RUNNING);
    }
}
