package io.github.mirroredsupervisor.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.internal.lease.LeaseTimings.Profile;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LeaseTimingsTests {

    @ParameterizedTest
    @EnumSource
    void everyProfileKeepsItsOwnRules(Profile profile) {
        LeaseTimings rules = LeaseTimings.resolve(profile, null, null, null);

        assertThat(rules.contradictions()).isEmpty();
        assertThat(rules.lease()).isEqualTo(profile.lease());
        assertThat(rules.renewInterval()).isEqualTo(profile.lease().dividedBy(5));
        assertThat(rules.stopBound()).isEqualTo(profile.lease().dividedBy(6));
    }

    @Test
    void derivesTheOtherTimesFromAGivenLease() {
        LeaseTimings rules = LeaseTimings.resolve(Profile.FAST, Duration.ofSeconds(30), null, null);

        assertThat(rules)
                .isEqualTo(new LeaseTimings(Duration.ofSeconds(30), Duration.ofSeconds(6), Duration.ofSeconds(5)));
    }

    @Test
    void computesTheWorstCasesOfTheBalancedProfile() {
        LeaseTimings rules = LeaseTimings.resolve(Profile.BALANCED, null, null, null);

        assertThat(rules.worstTakeover()).isEqualTo(Duration.ofMillis(3630));
        assertThat(rules.outageTolerance()).isEqualTo(Duration.ofMillis(1900));
        assertThat(rules.worstCases(false))
                .contains("within 3630ms", "more than 1900ms", "within 500ms", "lease 3s", "every 600ms")
                .doesNotContain("IMMEDIATE");
        assertThat(rules.worstCases(true)).contains("IMMEDIATE ones within milliseconds of a crash");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
                    # lease, renew, stop, setting at fault
                    PT0S,      -,       -,        lease
                    PT-1S,     -,       -,        lease
                    PT0.299S,  -,       -,        lease
                    PT0.3S,    -,       -,        -
                    PT24H,     -,       -,        -
                    PT24H0.1S, -,       -,        lease
                    PT2562047788015H, - , -,      lease
                    PT3S,      PT0S,    -,        renew-interval
                    PT3S,      PT-1S,   -,        renew-interval
                    PT3S,      PT1.1S,  -,        renew-interval
                    PT3S,      PT1S,    PT1S,     -
                    PT3S,      PT1S,    PT1.001S, stop-bound
                    PT3S,      -,       PT1.8S,   -
                    PT3S,      -,       PT1.9S,   stop-bound
                    PT3S,      -,       PT0S,     stop-bound
                    PT3S,      PT2562047788015H, -, renew-interval
                    PT3S,      -, PT2562047788015H, stop-bound
                    """)
    void findsTheSettingAtFault(
            Duration lease, @Nullable Duration renew, @Nullable Duration stop, @Nullable String atFault) {
        List<InvalidSetting> found =
                LeaseTimings.resolve(Profile.BALANCED, lease, renew, stop).contradictions();

        assertThat(found).extracting(InvalidSetting::setting).isEqualTo(atFault == null ? List.of() : List.of(atFault));
        assertThat(found).allSatisfy(contradiction -> {
            assertThat(contradiction.problem()).isNotBlank();
            assertThat(contradiction.advice()).isNotBlank();
        });
    }

    @Test
    void reportsIndependentFaultsTogether() {
        LeaseTimings rules =
                LeaseTimings.resolve(Profile.BALANCED, Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ZERO);

        assertThat(rules.contradictions())
                .extracting(InvalidSetting::setting)
                .containsExactlyInAnyOrder("renew-interval", "stop-bound");
    }

    @Test
    void saysWhatToChangeItTo() {
        LeaseTimings rules = LeaseTimings.resolve(Profile.BALANCED, null, null, Duration.ofSeconds(2));

        assertThat(rules.contradictions()).singleElement().satisfies(contradiction -> {
            assertThat(contradiction.toString()).startsWith("stop-bound is 2s, ");
            assertThat(contradiction.advice()).contains("at most 1800ms");
        });
    }
}
