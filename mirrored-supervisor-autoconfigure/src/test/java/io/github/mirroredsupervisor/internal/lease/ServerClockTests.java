package io.github.mirroredsupervisor.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Faults I27: how two clocks show that a machine stood still. */
class ServerClockTests {

    private static final long MS = 1_000_000;

    private static ServerClock reading(String server, long clockMillis, long sentAtMillis, long repliedAtMillis) {
        return new ServerClock(server, Duration.ofMillis(clockMillis), sentAtMillis * MS, repliedAtMillis * MS);
    }

    private final ServerClock first = reading("s", 1_000_000, 5_000, 5_010);

    @Test
    void clocksThatGoAlikeHaveNothingUnseen() {
        assertThat(reading("s", 1_000_600, 5_600, 5_610).unseenSince(first)).isZero();
    }

    @Test
    void aPauseThatOnlyTheDatabaseSawIsUnseen() {
        // 600 ms later on this machine, and 5600 ms later on the server.
        Duration unseen = reading("s", 1_005_600, 5_600, 5_610).unseenSince(first);
        assertThat(unseen).isBetween(Duration.ofMillis(4_950), Duration.ofMillis(5_000));
    }

    @Test
    void aPauseThatThisClockSawIsNone() {
        assertThat(reading("s", 1_009_000, 14_000, 14_010).unseenSince(first)).isZero();
    }

    @Test
    void waitingForAnAnswerExplainsAnyDifferenceUpToItsLength() {
        // The first time was read when the request was sent, the second just before the answer came, 900 ms after the
        // request.
        ServerClock slow = reading("s", 1_001_510, 5_600, 6_510);
        assertThat(slow.unseenSince(first)).isZero();
    }

    @Test
    void anHourWithoutAnAnswerIsLongEnoughForClocksToDrift() {
        assertThat(reading("s", 1_000_000 + 3_630_000, 3_605_000, 3_605_010).unseenSince(first))
                .isZero();
    }

    @Test
    void aDatabaseClockThatWasSetForwardLooksTheSameAndOnlyOnce() {
        ServerClock stepped = reading("s", 4_600_600, 5_600, 5_610);
        assertThat(stepped.unseenSince(first)).isGreaterThan(Duration.ofMinutes(59));
        assertThat(reading("s", 4_601_200, 6_200, 6_210).unseenSince(stepped)).isZero();
    }

    @Test
    void aDatabaseClockThatWasSetBackShowsNothing() {
        assertThat(reading("s", 600, 5_600, 5_610).unseenSince(first)).isZero();
    }

    @Test
    void clocksOfTwoServersAreNotCompared() {
        assertThat(reading("t", 9_000_000, 5_600, 5_610).unseenSince(first)).isZero();
    }

    @Test
    void theFirstReadingShowsNothing() {
        assertThat(first.unseenSince(null)).isZero();
    }

    @Test
    void theStampsMayBeNearTheirOverflow() {
        ServerClock before = new ServerClock("s", Duration.ZERO, Long.MAX_VALUE - 100 * MS, Long.MAX_VALUE - 90 * MS);
        ServerClock after =
                new ServerClock("s", Duration.ofMillis(600), Long.MAX_VALUE + 500 * MS, Long.MAX_VALUE + 510 * MS);
        assertThat(after.unseenSince(before)).isZero();
    }
}
