package io.github.mirroredsupervisor.internal.supervision;

import static io.github.mirroredsupervisor.internal.supervision.Specs.permanent;
import static io.github.mirroredsupervisor.internal.supervision.Specs.temporary;
import static io.github.mirroredsupervisor.internal.supervision.Specs.trans;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** one_for_all and rest_for_one; methods are named after the semantics rows they check. */
class StrategyTests {

    private final CoreHarness all = CoreHarness.with(Strategy.ONE_FOR_ALL, 5, 3);
    private final CoreHarness rest = CoreHarness.with(Strategy.REST_FOR_ONE, 5, 3);

    @Test
    void a32OneForAllStopsInReverseAndStartsInOrder() {
        all.up(permanent("a"), permanent("b"), permanent("c"), permanent("d"));
        all.crashes("b");
        assertThat(all.take())
                .containsExactly("exited b AWAITING_TOKEN", "tokenNeeded b", "tell d", "stopping d SIBLING");
        all.grantAll();
        assertThat(all.take()).as("not before the others have stopped").isEmpty();
        all.returns("d");
        assertThat(all.take())
                .containsExactly("stopped d SIBLING AWAITING_TOKEN", "tokenNeeded d", "tell c", "stopping c SIBLING");
        all.returns("c").returns("a");
        assertThat(all.take("run")).isEmpty();
        all.grantAll();
        assertThat(all.take("run")).containsExactly("run a");
        assertThat(all.initReturns("a").take()).containsExactly("started a RESTARTED", "run b");
        assertThat(all.initReturns("b").take("run")).containsExactly("run c");
        assertThat(all.initReturns("c").take("run")).containsExactly("run d");
        all.initReturns("d");
        assertThat(List.of("a", "b", "c", "d")).allMatch(id -> all.view(id).restarts() == 1);
    }

    @Test
    void a33RestForOneTakesThoseAfter() {
        rest.up(permanent("a"), permanent("b"), permanent("c"), permanent("d"));
        rest.crashes("b").grantAll().returns("d").grantAll().returns("c").grantAll();
        assertThat(rest.take("tell", "run")).containsExactly("tell d", "tell c", "run b");
        rest.initReturns("b").initReturns("c").initReturns("d");
        assertThat(rest.take("run")).containsExactly("run c", "run d");
        assertThat(rest.status("a")).isEqualTo(Status.RUNNING);
        assertThat(rest.token("a")).isEqualTo(1);
    }

    @Test
    void a34TemporarySiblingsAreStoppedAndForgotten() {
        all.up(permanent("a"), temporary("t")).crashes("a").grantAll().take();
        all.returns("t");
        assertThat(all.take()).containsExactly("stopped t SIBLING DOWN", "run a");
        assertThat(all.status("t")).isNull();
    }

    @Test
    void a35WhatWasStoppedOrIsCompleteIsNotRevived() {
        all.up(permanent("a"), permanent("stopped"), trans("done"));
        all.returns("done").stop("stopped").returns("stopped").take();
        all.crashes("a").grantAll();
        assertThat(all.take("tell", "run")).containsExactly("run a");
        assertThat(all.status("stopped")).isEqualTo(Status.DOWN);
        assertThat(all.status("done")).isEqualTo(Status.COMPLETED);
    }

    @Test
    void a36EndsWithoutRestartTouchNoSibling() {
        all.up(permanent("a"), temporary("t"), trans("done")).crashes("t").returns("done");
        assertThat(all.take("tell", "tokenNeeded")).isEmpty();
        assertThat(all.inWindow()).isZero();
    }

    @Test
    void a37AFailedSiblingIsRetriedAndTheStartedOnesOfRestForOneStay() {
        rest.up(permanent("a"), permanent("b"), permanent("c"));
        rest.crashes("a")
                .grantAll()
                .returns("c")
                .grantAll()
                .returns("b")
                .grantAll()
                .initReturns("a");
        rest.take();
        rest.initThrows("b");
        assertThat(rest.take()).containsExactly("startFailed b AWAITING_TOKEN", "tokenNeeded b");
        assertThat(rest.inWindow()).isEqualTo(2);
        rest.grantAll().initReturns("b").initReturns("c");
        assertThat(rest.take("tell", "run")).containsExactly("run b", "run c");
        assertThat(rest.token("a")).isEqualTo(2);
    }

    @Test
    void a37AFailedSiblingOfOneForAllCyclesThoseThatStarted() {
        all.up(permanent("a"), permanent("b"), permanent("c"));
        all.crashes("c")
                .grantAll()
                .returns("b")
                .grantAll()
                .returns("a")
                .grantAll()
                .initReturns("a");
        all.take();
        all.initThrows("b");
        assertThat(all.take("startFailed", "tell")).containsExactly("startFailed b AWAITING_TOKEN", "tell a");
        all.grantAll().returns("a").grantAll();
        assertThat(all.take("run")).containsExactly("run a");
        all.initReturns("a").initReturns("b").initReturns("c");
        assertThat(all.take("run")).containsExactly("run b", "run c");
    }

    @Test
    void a37ExceedingTheIntensityByFailedStartsEndsTheSupervisor() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ALL, 1, 0);
        core.up(permanent("a"), permanent("b"))
                .crashes("a")
                .returns("b")
                .grantAll()
                .take();
        core.initThrows("a");
        assertThat(core.take("startFailed", "stopped", "gaveUp"))
                .containsExactly(
                        "startFailed a DOWN",
                        "stopped b GROUP_TERMINATED DOWN",
                        "stopped a GROUP_TERMINATED DOWN",
                        "gaveUp");
    }

    @Test
    void a38GivingUpStopsInReverseOneByOne() {
        CoreHarness core = CoreHarness.with(Strategy.REST_FOR_ONE, 0, 0);
        core.up(permanent("a"), permanent("b"), permanent("c")).crashes("b");
        assertThat(core.take("exited", "tell", "gaveUp")).containsExactly("exited b DOWN", "gaveUp", "tell c");
        assertThat(core.returns("c").take("stopped", "tell"))
                .containsExactly("stopped c GROUP_TERMINATED DOWN", "tell a");
    }

    @Test
    void a39OneRestartCountsOnceHoweverManyAreCycled() {
        all.up(permanent("a"), permanent("b"), permanent("c")).crashes("a");
        all.grantAll().returns("c").grantAll().returns("b").grantAll();
        all.initReturns("a").initReturns("b").initReturns("c");
        assertThat(all.inWindow()).isEqualTo(1);
    }

    @Test
    void a29SiblingsRunDuringTheDelayAndAreCycledWhenItIsOver() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ALL, 0, 3);
        core.up(permanent("a"), permanent("b")).crashes("a");
        assertThat(core.take()).containsExactly("exited a DELAYED", "restartDelayed a PT3S");
        assertThat(core.status("b")).isEqualTo(Status.RUNNING);
        core.pass(Duration.ofSeconds(3));
        assertThat(core.take("tokenNeeded", "tell")).containsExactly("tokenNeeded a", "tell b");
        core.grantAll().returns("b").grantAll().initReturns("a");
        assertThat(core.take("run")).containsExactly("run a", "run b");
    }

    @Test
    void a29ACycleThatFailsBeyondTheIntensityWaitsForTheDelay() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ALL, 1, 3);
        core.up(permanent("a"), permanent("b"), permanent("c"));
        core.crashes("a")
                .grantAll()
                .returns("c")
                .grantAll()
                .returns("b")
                .grantAll()
                .initReturns("a")
                .take();
        core.initThrows("b");
        assertThat(core.take()).containsExactly("startFailed b DELAYED", "restartDelayed b PT3S");
        core.pass(Duration.ofSeconds(3)).grantAll();
        assertThat(core.take("tell", "run")).containsExactly("tell a");
        core.returns("a").grantAll().initReturns("a").initReturns("b").initReturns("c");
        assertThat(core.take("run")).containsExactly("run a", "run b", "run c");
        assertThat(core.core.nextWakeup()).isNull();
    }

    @Test
    void aDelayedSiblingIsStartedWithTheOthers() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ALL, 1, 60);
        core.up(permanent("a"), permanent("b"), permanent("c"));
        core.crashes("a").grantAll().returns("c").grantAll().returns("b").grantAll();
        core.initReturns("a").initReturns("b").initReturns("c").take();
        core.crashes("a");
        assertThat(core.take("exited")).containsExactly("exited a DELAYED");
        core.crashes("c");
        assertThat(core.take("tokenNeeded")).containsExactly("tokenNeeded a", "tokenNeeded c");
        core.grantAll()
                .returns("b")
                .grantAll()
                .initReturns("a")
                .initReturns("b")
                .initReturns("c");
        assertThat(core.take("run")).containsExactly("run a", "run b", "run c");
        assertThat(core.core.nextWakeup()).isNull();
    }

    @Test
    void aCrashDuringACycleExtendsIt() {
        rest.up(permanent("a"), permanent("b"), permanent("c"));
        rest.crashes("b").grantAll().take();
        rest.crashes("a");
        assertThat(rest.inWindow()).isEqualTo(2);
        rest.grantAll().returns("c").grantAll();
        assertThat(rest.take("tell", "run")).containsExactly("run a");
        rest.initReturns("a").initReturns("b").initReturns("c");
        assertThat(rest.take("run")).containsExactly("run b", "run c");
    }

    @Test
    void aSiblingThatCrashesBeforeItsTurnToStopComesBackUncounted() {
        all.up(permanent("a"), permanent("b"), permanent("c")).crashes("a").take();
        all.crashes("b");
        assertThat(all.take()).containsExactly("exited b AWAITING_TOKEN", "tokenNeeded b");
        assertThat(all.inWindow()).isEqualTo(1);
        all.grantAll().returns("c").grantAll().initReturns("a").initReturns("b").initReturns("c");
        assertThat(all.take("run")).containsExactly("run a", "run b", "run c");
    }

    @Test
    void aStuckSiblingHoldsUpOnlyWhatStartsAfterIt() {
        all.up(permanent("a"), permanent("b"), permanent("c")).crashes("a").grantAll();
        all.returns("c").grantAll();
        all.pass(Duration.ofSeconds(5));
        assertThat(all.take("stuck", "run")).containsExactly("stuck b", "run a");
        assertThat(all.initReturns("a").take("run")).isEmpty();
        all.returns("b").grantAll();
        assertThat(all.take("run")).containsExactly("run b");
        assertThat(all.initReturns("b").take("run")).containsExactly("run c");
    }

    @Test
    void childrenThatWaitInABatchJoinTheCycleInTheirPlace() {
        all.up(permanent("a"), permanent("b"));
        all.start(permanent("c"), permanent("d")).take();
        all.crashes("a");
        assertThat(all.take("tell")).containsExactly("tell c");
        all.grantAll().ends("c", Exit.stopped(null)).grantAll();
        all.returns("b").grantAll();
        all.initReturns("a").initReturns("b").initReturns("c");
        assertThat(all.take("run")).containsExactly("run a", "run b", "run c", "run d");
        assertThat(all.token("d")).as("its token was not used up").isEqualTo(1);
    }

    @Test
    void aChildStoppedDuringTheCycleStaysDown() {
        all.up(permanent("a"), permanent("b"), permanent("c")).crashes("a").grantAll();
        all.stop("c").returns("c");
        all.returns("b").grantAll().initReturns("a").initReturns("b");
        assertThat(all.take("run")).containsExactly("run a", "run b");
        assertThat(all.status("c")).isEqualTo(Status.DOWN);
    }

    @Test
    void otherChildrenStartDuringACycle() {
        all.up(permanent("a"), permanent("b")).crashes("a").take();
        all.command(permanent("new"));
        assertThat(all.take("run")).containsExactly("run new");
    }

    @Test
    void aCycleThatIsExtendedWaitsForTheSiblingItHasTold() {
        all.up(permanent("a"), permanent("b"), permanent("c")).crashes("a").grantAll();
        all.start(permanent("new")).initReturns("new").take();
        all.crashes("b").crashes("new");
        assertThat(all.take("tell")).isEmpty();
        all.returns("c").grantAll().initReturns("a").initReturns("b").initReturns("c");
        assertThat(all.take("run")).containsExactly("run a", "run b", "run c", "run new");
    }

    @Test
    void givingUpDropsTheLaunchThatWaitsForAThread() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ALL, 0, 0);
        core.up(permanent("a"), permanent("b"), permanent("c"));
        core.stop("a").start(permanent("a")).crashes("b").take();
        core.returns("a");
        assertThat(core.take("stopped", "run")).containsExactly("stopped a GROUP_TERMINATED DOWN");
    }

    @Test
    void aRestartAfterItsMembersLeavesACycleInOrder() {
        rest.up(permanent("a"), permanent("b"), permanent("c")).crashes("a").grantAll();
        rest.start(permanent("new")).initReturns("new").take();
        rest.crashes("new").grantAll();
        assertThat(rest.take("run", "tell")).as("it joins the cycle").isEmpty();
        rest.returns("c").grantAll();
        assertThat(rest.take("tell")).containsExactly("tell b");
        rest.returns("b").grantAll().initReturns("a");
        assertThat(rest.take("run")).containsExactly("run a", "run b");
        rest.initReturns("b").initReturns("c").initReturns("new");
        assertThat(rest.take("run")).containsExactly("run c", "run new");
    }

    @Test
    void aRestartAfterItsMembersLeavesTheStartsOfACycleInOrder() {
        rest.up(permanent("a"), permanent("b"), permanent("c")).crashes("a").grantAll();
        rest.returns("c").grantAll().returns("b").grantAll();
        rest.start(permanent("new")).initReturns("new").take();
        rest.crashes("new").grantAll();
        rest.initReturns("a").initReturns("b").initReturns("c").initReturns("new");
        assertThat(rest.take("run")).containsExactly("run b", "run c", "run new");
    }

    @Test
    void aCycleLeavesTheOrderlyStopItsTurn() {
        all.up(permanent("a"), permanent("b")).stopAll();
        all.start(permanent("new")).initReturns("new").take();
        all.crashes("new");
        assertThat(all.take("tell")).isEmpty();
        all.grantAll();
        assertThat(all.take("run")).containsExactly("run new");
    }

    @Test
    void givingUpEndsACycle() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ALL, 1, 0);
        core.up(permanent("a"), permanent("b"), permanent("c")).crashes("a");
        core.start(permanent("x"), permanent("y")).initReturns("x").initReturns("y");
        core.crashes("x").take();
        core.returns("c");
        assertThat(core.take("tell")).containsExactly("tell y");
    }
}
