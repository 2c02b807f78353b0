package io.github.mirroredsupervisor.internal.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long a child waits if no peer can start it. */
class FailedStartsTests {

    private static final Duration DELAY = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final FailedStarts setbacks = new FailedStarts();

    private void round() {
        PeerId other = PeerId.random();
        while (setbacks.failed("c", other) == null) {
            continue;
        }
    }

    @Test
    void b42ADelayDoublesWithEachRoundUpToItsLimitAndIsShorterByUpToAFifth() {
        assertThat(setbacks.delay("c", DELAY, LONGEST)).isNull();
        for (long seconds : new long[] {10, 20, 40, 60, 60}) {
            round();
            for (int i = 0; i < 100; i++) {
                assertThat(setbacks.delay("c", DELAY, LONGEST))
                        .isBetween(
                                Duration.ofSeconds(seconds).multipliedBy(4).dividedBy(5), Duration.ofSeconds(seconds));
            }
        }
        for (int i = 0; i < 10_000; i++) {
            round();
        }
        assertThat(setbacks.delay("c", DELAY, LONGEST)).isBetween(Duration.ofSeconds(48), LONGEST);
        assertThat(setbacks.delay("other", DELAY, LONGEST)).isNull();

        setbacks.started("c");
        assertThat(setbacks.delay("c", DELAY, LONGEST)).isNull();
    }

    @Test
    void b42WhatFailedTogetherIsNotTriedTogether() {
        round();
        List<Duration> delays = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            delays.add(setbacks.delay("c", DELAY, LONGEST));
        }
        assertThat(new HashSet<>(delays)).hasSizeGreaterThan(1);
    }

    @Test
    void aDelayOfItsOwnThatIsLongerThanTheLimitStaysAsItIs() {
        round();
        Duration own = Duration.ofMinutes(2);
        assertThat(setbacks.delay("c", own, LONGEST)).isEqualTo(own);
        assertThat(setbacks.delay("c", LONGEST, LONGEST)).isEqualTo(LONGEST);
        assertThat(setbacks.delay("c", Duration.ZERO, LONGEST)).isNull();
    }
}
