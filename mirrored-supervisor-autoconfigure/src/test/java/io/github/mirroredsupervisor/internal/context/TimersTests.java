package io.github.mirroredsupervisor.internal.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimersTests {

    /** Monotonic time wraps around soon. */
    private long now = Long.MAX_VALUE - 5;

    private final Confinement confinement = new Confinement();
    private final Timers timers = new Timers(() -> now, confinement);
    private final List<String> done = new ArrayList<>();

    @Test
    void whatIsDueIsDoneTheEarliestFirst() {
        after(10, "late");
        after(3, "early");
        after(3, "early too");
        assertThat(timers.untilNext()).isEqualTo(3);
        pass(2);
        assertThat(done).isEmpty();
        pass(1);
        assertThat(done).containsExactly("early", "early too");
        pass(7);
        assertThat(done).containsExactly("early", "early too", "late");
        assertThat(timers.untilNext()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatATimerLeavesToBeDoneWaitsForTheNextStep() {
        confinement.inside(() -> {
            timers.after(Duration.ZERO, () -> after(0, "again"));
            return 0;
        });
        pass(0);
        assertThat(done).isEmpty();
        assertThat(timers.untilNext()).isZero();
        pass(0);
        assertThat(done).containsExactly("again");
    }

    private void after(long nanos, String what) {
        confinement.inside(() -> {
            timers.after(Duration.ofNanos(nanos), () -> done.add(what));
            return 0;
        });
    }

    private void pass(long nanos) {
        now += nanos;
        confinement.inside(() -> {
            timers.runDue();
            return 0;
        });
    }
}
