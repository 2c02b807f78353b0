package io.github.mirroredsupervisor.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.mirror.Simulation.Fault;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The promises over many schedules. How many is set by {@code -Dmirrored-supervisor.simulation.schedules}, the first by {@code -Dmirrored-supervisor.simulation.seed}; a
 * schedule that breaks a promise is told with its seed, which brings it back.
 */
@ExtendWith(QuietLogs.class)
class SimulationTests {

    private static final int SCHEDULES = Integer.getInteger("mirrored-supervisor.simulation.schedules", 2000);
    private static final long FIRST = Long.getLong("mirrored-supervisor.simulation.seed", 1);

    @Test
    void noScheduleBreaksAPromise() {
        Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
        long runs = 0;
        long moves = 0;
        long certificates = 0;
        long events = 0;
        long began = System.nanoTime();
        for (long seed = FIRST; seed < FIRST + SCHEDULES; seed++) {
            Simulation.Result result = play(seed);
            result.faults().forEach((fault, count) -> faults.merge(fault, count, Integer::sum));
            runs += result.runs();
            moves += result.moves();
            certificates += result.certificates();
            events += result.events();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%d schedules from seed %d in %.1f s (%.0f a second, %d events each): %d runs, %d moves, %d certificates, no promise broken"
                        + " (so fewer than %.2g of all schedules do, with 95 %% confidence)%n  %s%n",
                SCHEDULES,
                FIRST,
                seconds,
                SCHEDULES / seconds,
                events / SCHEDULES,
                runs,
                moves,
                certificates,
                3.0 / SCHEDULES,
                faults);
        if (SCHEDULES >= 1000) {
            assertThat(faults).containsOnlyKeys(Fault.values());
            assertThat(certificates).isGreaterThan(SCHEDULES / 20);
            assertThat(moves).isGreaterThan(SCHEDULES / 5);
        }
    }

    private static Simulation.Result play(long seed) {
        Simulation simulation = new Simulation(seed);
        try {
            return simulation.play();
        } catch (RuntimeException e) {
            throw new AssertionError("Seed " + seed + ": " + e.getMessage() + simulation.story(), e);
        }
    }
}
