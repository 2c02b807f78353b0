package io.github.mirroredsupervisor.internal.supervision;

import static io.github.mirroredsupervisor.internal.supervision.Specs.delayed;
import static io.github.mirroredsupervisor.internal.supervision.Specs.permanent;
import static io.github.mirroredsupervisor.internal.supervision.Specs.temporary;
import static io.github.mirroredsupervisor.internal.supervision.Specs.trans;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.LastExit.Kind;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.internal.supervision.values.SupervisorFlags;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Exits, the intensity and delays under one_for_one; methods are named after the semantics rows they check. */
class RestartingTests {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @ParameterizedTest
    @CsvSource({
        "PERMANENT, NORMAL, AWAITING_TOKEN",
        "PERMANENT, SHUTDOWN, AWAITING_TOKEN",
        "PERMANENT, RESTART, AWAITING_TOKEN",
        "PERMANENT, CRASH, AWAITING_TOKEN",
        "TRANSIENT, NORMAL, COMPLETED",
        "TRANSIENT, SHUTDOWN, COMPLETED",
        "TRANSIENT, RESTART, AWAITING_TOKEN",
        "TRANSIENT, CRASH, AWAITING_TOKEN",
        "TEMPORARY, NORMAL, DOWN",
        "TEMPORARY, SHUTDOWN, DOWN",
        "TEMPORARY, RESTART, DOWN",
        "TEMPORARY, CRASH, DOWN",
    })
    void a19a20a21TheRestartTypeDecides(RestartType type, Kind kind, Status then) {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 3);
        ChildSpec spec = permanent("a").withRestart(type);
        core.up(spec).ends("a", exit(kind));
        assertThat(core.take("exited")).containsExactly("exited a " + then);
        if (type == RestartType.TEMPORARY) {
            assertThat(core.status("a")).isNull();
        } else {
            assertThat(core.status("a")).isEqualTo(then);
            assertThat(core.view("a").lastExit().kind()).isEqualTo(kind);
        }
    }

    @Test
    void a22ARequestedRestartCarriesItsReason() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 3);
        core.up(trans("a")).throwsFromRun("a", ChildExit.shutdown("queue gone"));
        assertThat(core.view("a").lastExit().reason()).isEqualTo("queue gone");
    }

    @Test
    void a13DecliningAfterTheStartIsACrash() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 3);
        core.up(trans("a")).throwsFromRun("a", ChildExit.ignore());
        assertThat(core.view("a").lastExit().kind()).isEqualTo(Kind.CRASH);
        assertThat(core.status("a")).isEqualTo(Status.AWAITING_TOKEN);
    }

    @Test
    void a23RestartsAtOnceWithinTheIntensity() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 2, 3);
        core.up(permanent("a"));
        for (int i = 1; i <= 2; i++) {
            core.crashes("a");
            assertThat(core.take()).containsExactly("exited a AWAITING_TOKEN", "tokenNeeded a");
            core.grant("a").initReturns("a");
            assertThat(core.take()).containsExactly("run a", "started a RESTARTED");
            assertThat(core.view("a").restarts()).isEqualTo(i);
            assertThat(core.view("a").restartsInWindow()).isEqualTo(i);
        }
    }

    @Test
    void a24DelaysTheRestartThatWouldExceedTheIntensity() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 3);
        core.up(permanent("a")).crashes("a").grant("a").initReturns("a").take();
        core.crashes("a");
        assertThat(core.take()).containsExactly("exited a DELAYED", "restartDelayed a PT3S");
        assertThat(core.inWindow()).isZero();
        assertThat(core.view("a").nextRetry())
                .isEqualTo(Instant.EPOCH.plusNanos(core.nanos).plusSeconds(3));
        assertThat(core.pass(Duration.ofMillis(2999)).take()).isEmpty();
        assertThat(core.pass(Duration.ofMillis(1)).take()).containsExactly("tokenNeeded a");
        assertThat(core.inWindow()).isEqualTo(1);
        core.grant("a").initReturns("a").take();
        core.crashes("a");
        assertThat(core.take("exited"))
                .as("the delayed restart counted as the first")
                .containsExactly("exited a DELAYED");
    }

    @Test
    void a24AChildsOwnDelayGoesBeforeTheGroups() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 0, 3);
        core.up(delayed("a", 9)).crashes("a");
        assertThat(core.take()).contains("restartDelayed a PT9S");
    }

    @Test
    void a25WithAnIntensityOfZeroADelayedChildComesBack() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 0, 3);
        core.up(permanent("a"));
        for (int i = 0; i < 3; i++) {
            core.crashes("a");
            assertThat(core.take("exited")).containsExactly("exited a DELAYED");
            core.pass(Duration.ofSeconds(3)).grant("a").initReturns("a");
            assertThat(core.take("started")).containsExactly("started a RESTARTED");
        }
    }

    @Test
    void a25DelayedRestartsOfSeveralChildrenNeverExceedTheIntensity() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 0, 3);
        core.up(permanent("a"), permanent("b"), permanent("c"));
        core.crashes("a").crashes("b").crashes("c").take();
        core.pass(Duration.ofSeconds(3));
        assertThat(core.take()).containsExactly("tokenNeeded a", "tokenNeeded b", "tokenNeeded c");
        assertThat(core.inWindow()).isEqualTo(1);
    }

    @Test
    void a26AFailedStartDuringARestartIsDelayedToo() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 3);
        core.up(permanent("a")).crashes("a").grant("a").take();
        core.initThrows("a");
        assertThat(core.take()).containsExactly("startFailed a DELAYED", "restartDelayed a PT3S");
        core.pass(Duration.ofSeconds(3)).grant("a").initReturns("a");
        assertThat(core.take("started")).containsExactly("started a RESTARTED");
    }

    @Test
    void a27TheHistoryIsTheSupervisors() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 3);
        core.up(permanent("a"), delayed("b", 0)).crashes("a").take();
        core.crashes("b");
        assertThat(core.take("exited", "gaveUp")).containsExactly("exited b DOWN", "gaveUp");
    }

    @Test
    void a28StoppingADelayedChildCancelsItsRestart() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 0, 3);
        core.up(permanent("a")).crashes("a").take();
        core.stop("a");
        assertThat(core.take()).containsExactly("stopped a TERMINATED DOWN");
        assertThat(core.core.nextWakeup()).isNull();
        core.command(permanent("a")).initReturns("a").take();
        assertThat(core.pass(Duration.ofSeconds(10)).take())
                .as("no second copy")
                .isEmpty();
    }

    @Test
    void a30DuringTheDelayTheChildIsKnownAndWaits() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 0, 3);
        core.up(permanent("a")).crashes("a").take();
        assertThat(core.view("a").status()).isEqualTo(Status.DELAYED);
        core.on(new Event.Forget("a"));
        assertThat(core.status("a")).isNull();
        assertThat(core.pass(Duration.ofSeconds(3)).take()).isEmpty();
    }

    @Test
    void a31OneForOneRestartsOnlyTheDeadChildInItsPlace() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 3);
        core.up(permanent("a"), permanent("b"), permanent("c")).crashes("b").grant("b");
        assertThat(core.take("run", "tell")).containsExactly("run b");
        assertThat(core.ledger.inStartOrder()).extracting(Child::id).containsExactly("a", "b", "c");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "3"})
    void a38GivesUpOnOneRestartMoreThanTheIntensity(int intensity) {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, intensity, 0);
        core.up(permanent("a"), permanent("b"));
        for (int i = 0; i < intensity; i++) {
            core.crashes("a").grant("a").initReturns("a");
        }
        core.take();
        core.crashes("a");
        assertThat(core.take())
                .containsExactly(
                        "exited a DOWN",
                        "tell b",
                        "stopping b GROUP_TERMINATED",
                        "stopped a GROUP_TERMINATED DOWN",
                        "gaveUp");
        assertThat(core.start(permanent("c")).take())
                .as("nothing starts until reset")
                .isEmpty();
        core.endsTold("b", StopReason.GROUP_TERMINATED).on(new Event.Reset());
        assertThat(core.inWindow()).isZero();
        assertThat(core.start(permanent("c")).take("run")).containsExactly("run c");
    }

    @ParameterizedTest
    @EnumSource
    void a38QuarantineEndsTheChildAloneAndItsSiblingsBeginAnew(Strategy strategy) {
        CoreHarness narrow = CoreHarness.quarantining(strategy, 1);
        narrow.up(permanent("a"), permanent("b"));
        narrow.crashes("a").returnsAllTold().grantAll().initReturnsAll().take();
        narrow.crashes("a");
        assertThat(narrow.take()).containsExactly("exited a QUARANTINED", "quarantined a QUARANTINED");
        assertThat(narrow.status("b")).isEqualTo(Status.RUNNING);
        assertThat(narrow.inWindow()).isZero();
        assertThat(narrow.pass(Duration.ofDays(1)).take()).isEmpty();
        assertThat(narrow.crashes("b").take("tokenNeeded"))
                .as("b has its own budget")
                .hasSize(1);
    }

    @Test
    void a38ACommandReleasesAQuarantinedChild() {
        CoreHarness narrow = CoreHarness.quarantining(Strategy.ONE_FOR_ONE, 0);
        narrow.up(permanent("a")).crashes("a").take();
        assertThat(narrow.stopAll().take()).containsExactly("stopped a LEAVING QUARANTINED");
        narrow.command(permanent("a")).initReturns("a");
        assertThat(narrow.status("a")).isEqualTo(Status.RUNNING);
    }

    @Test
    void a38TheWindowIsInclusiveInWholeSeconds() {
        SupervisorFlags flags = new SupervisorFlags(
                Strategy.ONE_FOR_ONE,
                1,
                Duration.ofSeconds(2),
                Duration.ZERO,
                OnIntensityExceeded.TERMINATE_GROUP,
                Specs.BOUNDS);
        CoreHarness together = new CoreHarness(flags);
        together.nanos = 10 * CoreHarness.SECOND;
        together.up(permanent("a")).crashes("a").grant("a").initReturns("a").take();
        together.pass(Duration.ofMillis(2999)).crashes("a");
        assertThat(together.take("gaveUp")).hasSize(1);

        CoreHarness apart = new CoreHarness(flags);
        apart.nanos = 10 * CoreHarness.SECOND;
        apart.up(permanent("a")).crashes("a").grant("a").initReturns("a").take();
        apart.pass(Duration.ofSeconds(3)).crashes("a");
        assertThat(apart.take("exited", "gaveUp")).containsExactly("exited a AWAITING_TOKEN");
        assertThat(apart.inWindow()).isEqualTo(1);
    }

    @Test
    void a38EachFailedStartOfARestartCounts() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 3, 0);
        core.up(permanent("a")).crashes("a");
        core.grant("a").initThrows("a").grant("a").initThrows("a").take();
        assertThat(core.inWindow()).isEqualTo(3);
        core.grant("a").initThrows("a");
        assertThat(core.take("startFailed", "gaveUp")).containsExactly("startFailed a DOWN", "gaveUp");
    }

    @Test
    void a36ATemporaryCrashOrATransientEndDoesNotCount() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 0, 0);
        core.up(temporary("a"), trans("b"), permanent("c")).crashes("a").returns("b");
        assertThat(core.take("gaveUp")).isEmpty();
        assertThat(core.inWindow()).isZero();
    }

    @Test
    void aReasonIsShortWhateverTheFailureSays() {
        LastExit exit =
                Exit.thrownByRun(new IllegalStateException("x".repeat(10_000))).at(Instant.EPOCH);
        assertThat(exit.reason()).hasSize(Exit.MAX_REASON).startsWith("IllegalStateException: xxx");
        Throwable mean = new RuntimeException() {
            @Override
            public String getMessage() {
                throw new StackOverflowError();
            }
        };
        assertThat(Exit.thrownByRun(mean).reason()).startsWith(getClass().getName());
    }

    @Test
    void anAbsurdDelayDoesNotOverflow() {
        CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 0, 3);
        core.up(permanent("a").withRestartDelay(Duration.ofSeconds(Long.MAX_VALUE)))
                .crashes("a");
        assertThat(core.status("a")).isEqualTo(Status.DELAYED);
        assertThat(core.pass(SECOND).take("tokenNeeded")).isEmpty();
    }

    private static Exit exit(Kind kind) {
        return switch (kind) {
            case NORMAL -> Exit.returned();
            case SHUTDOWN -> Exit.thrownByRun(ChildExit.shutdown("done"));
            case RESTART -> Exit.thrownByRun(ChildExit.restart());
            default -> Exit.thrownByRun(new IllegalStateException("boom"));
        };
    }
}
