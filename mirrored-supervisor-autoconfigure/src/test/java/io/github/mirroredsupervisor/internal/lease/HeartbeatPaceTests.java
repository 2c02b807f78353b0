package io.github.mirroredsupervisor.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeartbeatPaceTests {

    private static final Duration LEASE = Duration.ofMillis(600);

    /** After an outage the first one that comes back declares a peer dead that needs longer than a lease. */
    @ParameterizedTest
    @CsvSource({"2,120", "4,120", "6,180", "8,240", "20,240", "1000000,240"})
    void aPeerTriesToComeBackTwiceWithinALease(int failures, long millis) {
        assertThat(HeartbeatPace.toComeBack(Duration.ofMillis(120), LEASE, failures))
                .isEqualTo(Duration.ofMillis(millis))
                .isLessThanOrEqualTo(LEASE.dividedBy(2));
    }

    @ParameterizedTest
    @CsvSource({"2", "8", "1000000"})
    void alsoIfItRenewsRarely(int failures) {
        assertThat(HeartbeatPace.toComeBack(Duration.ofMillis(290), LEASE, failures))
                .isLessThanOrEqualTo(LEASE.dividedBy(2));
    }
}
