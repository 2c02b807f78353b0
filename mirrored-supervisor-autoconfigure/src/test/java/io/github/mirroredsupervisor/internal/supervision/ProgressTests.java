package io.github.mirroredsupervisor.internal.supervision;

import static io.github.mirroredsupervisor.internal.supervision.Specs.permanent;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.LastExit.Kind;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Children that are to show progress. */
class ProgressTests {

    private final CoreHarness core = CoreHarness.with(Strategy.ONE_FOR_ONE, 1, 3);
    private final ChildSpec watched = permanent("a").withProgressTimeout(Duration.ofSeconds(10));

    private CoreHarness progressed(long atNanos) {
        return core.on(new Event.Progressed("a", core.token("a"), atNanos));
    }

    @Test
    void aChildWithoutADeadlineIsNeverAsked() {
        core.up(permanent("a"));
        assertThat(core.core.nextWakeup()).isNull();
        assertThat(core.pass(Duration.ofDays(1)).take()).isEmpty();
    }

    @Test
    void aChildThatMakesProgressIsAskedAgainWhenItsLastSignIsOld() {
        core.up(watched);
        assertThat(core.pass(Duration.ofMillis(9999)).take()).isEmpty();
        long sign = core.nanos - CoreHarness.SECOND;
        assertThat(core.pass(Duration.ofMillis(1)).take()).containsExactly("askProgress a");
        assertThat(progressed(sign).take()).isEmpty();
        assertThat(core.core.nextWakeup()).isEqualTo(sign + 10 * CoreHarness.SECOND);
        assertThat(core.status("a")).isEqualTo(Status.RUNNING);
    }

    @Test
    void aChildThatMakesNoneIsToldToStopAndItsEndIsACrash() {
        core.up(watched);
        long started = core.nanos;
        core.pass(Duration.ofSeconds(10)).take();
        assertThat(progressed(started).take()).containsExactly("tell a", "stopping a HUNG");
        core.returns("a");
        assertThat(core.take()).containsExactly("exited a AWAITING_TOKEN", "tokenNeeded a");
        assertThat(core.view("a").lastExit().kind()).isEqualTo(Kind.CRASH);
        assertThat(core.view("a").lastExit().reason()).contains("no progress");
        assertThat(core.inWindow()).as("it counts").isEqualTo(1);
    }

    @Test
    void oneThatHangsOnIsStuckAndThenGivenUpAsCrashed() {
        core.up(watched);
        long started = core.nanos;
        core.pass(Duration.ofSeconds(10)).take();
        progressed(started).take();
        assertThat(core.pass(Duration.ofSeconds(5)).take()).containsExactly("interrupt a", "stuck a");
        assertThat(core.pass(Duration.ofSeconds(3)).take())
                .containsExactly("abandoned a", "exited a AWAITING_TOKEN", "tokenNeeded a");
    }

    @Test
    void aTerminationGoesBeforeItsHanging() {
        core.up(watched);
        long started = core.nanos;
        core.pass(Duration.ofSeconds(10)).take();
        progressed(started).stop("a").take();
        assertThat(core.returns("a").take()).containsExactly("stopped a TERMINATED DOWN");
        assertThat(core.inWindow()).isZero();
    }

    @Test
    void anAnswerOfAFormerRunChangesNothing() {
        core.up(watched);
        core.pass(Duration.ofSeconds(10)).take();
        core.on(new Event.Progressed("a", core.token("a") - 1, core.nanos));
        assertThat(core.take()).isEmpty();
    }
}
