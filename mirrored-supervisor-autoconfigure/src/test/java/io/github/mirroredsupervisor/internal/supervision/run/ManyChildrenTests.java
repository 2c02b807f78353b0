package io.github.mirroredsupervisor.internal.supervision.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.internal.supervision.CoreHarness;
import io.github.mirroredsupervisor.internal.supervision.Specs;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Ten thousand children, without their threads: a decision that looks at all of them each time would show in the
 * figures.
 */
class ManyChildrenTests {

    private static final int COUNT = 10_000;

    @ParameterizedTest
    @EnumSource(Strategy.class)
    void startsCyclesAndStopsTenThousand(Strategy strategy) {
        CoreHarness core = CoreHarness.with(strategy, 5, 3);
        ChildSpec[] specs = IntStream.range(0, COUNT)
                .mapToObj(i -> Specs.permanent("child-" + i))
                .toArray(ChildSpec[]::new);
        long began = System.nanoTime();
        core.up(specs);
        long started = System.nanoTime();
        core.crashes("child-0");
        boolean alone = strategy == Strategy.ONE_FOR_ONE;
        IntStream.range(alone ? COUNT : 1, COUNT).forEach(i -> core.returns("child-" + (COUNT - i)));
        core.grantAll();
        IntStream.range(0, COUNT).forEach(i -> core.initReturns("child-" + i));
        assertThat(core.take("run")).hasSize(alone ? 1 : COUNT);
        long cycled = System.nanoTime();
        core.stopAll();
        IntStream.range(0, COUNT).forEach(i -> core.returns("child-" + (COUNT - 1 - i)));
        assertThat(core.take("stopped")).hasSize(COUNT);
        System.out.printf(
                "%s, %d children, decisions only: started in %d ms, one crash in %d ms, stopped in %d ms%n",
                strategy,
                COUNT,
                (started - began) / 1_000_000,
                (cycled - started) / 1_000_000,
                (System.nanoTime() - cycled) / 1_000_000);
    }
}
