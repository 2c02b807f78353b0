package io.github.mirroredsupervisor.internal.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ConfinementTests {

    private final Confinement confinement = new Confinement();
    private final Timers timers = new Timers(System::nanoTime, confinement);

    @Test
    void whoIsInNoStepFailsAnAssertion() {
        assertThatThrownBy(this::use).isInstanceOf(AssertionError.class);
        confinement.inside(this::use);
        assertThatThrownBy(this::use).isInstanceOf(AssertionError.class);
    }

    @Test
    void aStepOfOneThreadLetsNoOtherIn() {
        confinement.inside(() -> {
            CompletableFuture<Boolean> other = CompletableFuture.supplyAsync(confinement::holds);
            assertThat(other.join()).isFalse();
            return 0;
        });
    }

    @Test
    void aNestedStepLeavesTheOuterOneWhatItHad() {
        confinement.inside(() -> {
            confinement.inside(this::use);
            return use();
        });
    }

    private long use() {
        timers.after(Duration.ZERO, () -> {});
        return 0;
    }
}
