package io.github.mirroredsupervisor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.testing.MutantBuild;
import java.lang.reflect.Method;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The simulation sees what it is there to see: with any rule of the protocol left out, one of so many schedules breaks
 * a promise. How many at most is set by {@code -Dmirrored-supervisor.simulation.mutant-schedules}.
 */
@ExtendWith(QuietLogs.class)
class MutantTests {

    private static final int MOST_SCHEDULES =
            Integer.getInteger("mirrored-supervisor.simulation.mutant-schedules", 40_000);

    @ParameterizedTest
    @EnumSource
    void isCaught(Mutant mutant, @TempDir Path folder) throws Exception {
        try (MutantBuild build = new MutantBuild(mutant.changes(), folder)) {
            Method broken = build.load(Simulation.class).getDeclaredMethod("broken", long.class);
            broken.setAccessible(true);
            long seed = 1;
            while (seed <= MOST_SCHEDULES && broken.invoke(null, seed) == null) {
                seed++;
            }
            System.out.printf("%s: %s%n", mutant, seed > MOST_SCHEDULES ? "NOT CAUGHT" : "caught by schedule " + seed);
            assertThat(seed).as("schedules that %s took", mutant).isLessThanOrEqualTo(MOST_SCHEDULES);
        }
    }
}
