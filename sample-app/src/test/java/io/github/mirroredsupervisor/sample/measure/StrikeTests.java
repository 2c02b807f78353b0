package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StrikeTests {

    private static final int KINDS = Trouble.values().length;

    @Test
    void theSameSeedDrawsTheSameSchedule() {
        assertThat(Strike.schedule(7, 100, 3)).isEqualTo(Strike.schedule(7, 100, 3));
        assertThat(Strike.schedule(7, 100, 3)).isNotEqualTo(Strike.schedule(8, 100, 3));
    }

    @Test
    void everyKindComesOnceBeforeAnyComesAgain() {
        List<Strike> schedule = Strike.schedule(7, 3 * KINDS, 3);
        for (int round = 0; round < 3; round++) {
            assertThat(schedule.subList(round * KINDS, (round + 1) * KINDS))
                    .extracting(Strike::trouble)
                    .containsExactlyInAnyOrder(Trouble.values());
        }
    }

    @Test
    void aLongerScheduleBeginsAsAShorterOne() {
        assertThat(Strike.schedule(7, 500, 3))
                .startsWith(Strike.schedule(7, 60, 3).toArray(Strike[]::new));
    }

    @Test
    void aLengthLiesBetweenItsBounds() {
        Strike strike = new Strike(1, Trouble.KILL, 0, 0, 0.25, 5);
        assertThat(strike.between(Duration.ofMillis(100), Duration.ofMillis(500)))
                .isEqualTo(Duration.ofMillis(200));
        assertThat(strike.oneOf(List.of("a", "b", "c"))).isEqualTo("c");
    }
}
