package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StrikeTests {

    private static final List<Trouble> TROUBLES = Trouble.possible(true);
    private static final int KINDS = TROUBLES.size();

    @Test
    void theSameSeedDrawsTheSameSchedule() {
        assertThat(Strike.schedule(7, 100, 3, TROUBLES)).isEqualTo(Strike.schedule(7, 100, 3, TROUBLES));
        assertThat(Strike.schedule(7, 100, 3, TROUBLES)).isNotEqualTo(Strike.schedule(8, 100, 3, TROUBLES));
    }

    @Test
    void everyKindComesOnceBeforeAnyComesAgain() {
        List<Strike> schedule = Strike.schedule(7, 3 * KINDS, 3, TROUBLES);
        for (int round = 0; round < 3; round++) {
            assertThat(schedule.subList(round * KINDS, (round + 1) * KINDS))
                    .extracting(Strike::trouble)
                    .containsExactlyInAnyOrderElementsOf(TROUBLES);
        }
    }

    @Test
    void aLongerScheduleBeginsAsAShorterOne() {
        assertThat(Strike.schedule(7, 500, 3, TROUBLES))
                .startsWith(Strike.schedule(7, 60, 3, TROUBLES).toArray(Strike[]::new));
    }

    @Test
    void aLengthLiesBetweenItsBounds() {
        Strike strike = new Strike(1, Trouble.KILL, 0, 0, 0.25, 5);
        assertThat(strike.between(Duration.ofMillis(100), Duration.ofMillis(500)))
                .isEqualTo(Duration.ofMillis(200));
        assertThat(strike.oneOf(List.of("a", "b", "c"))).isEqualTo("c");
    }
}
