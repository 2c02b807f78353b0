package io.github.mirroredsupervisor.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Protocol rule 1, with clocks that start at any value, also near the overflow. */
class PermissionTests {

    private static final long MS = 1_000_000;

    static LongStream origins() {
        return LongStream.of(0, -5_000 * MS, Long.MAX_VALUE - 1_000 * MS, Long.MIN_VALUE, 123_456_789_012L);
    }

    private final Permission permission = new Permission(Duration.ofMillis(3000), Duration.ofMillis(500));

    @ParameterizedTest
    @MethodSource("origins")
    void countsFromTheSendingAndNotFromTheReply(long t0) {
        assertThat(permission.extend(t0, t0 + 400 * MS)).isTrue();
        assertThat(permission.valid(t0 + 2500 * MS - 1)).isTrue();
        assertThat(permission.valid(t0 + 2500 * MS)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("origins")
    void isNotValidBeforeTheFirstRenewal(long t0) {
        assertThat(permission.valid(t0)).isFalse();
        assertThat(permission.deadline()).isNull();
    }

    @ParameterizedTest
    @MethodSource("origins")
    void movesOnlyForward(long t0) {
        permission.extend(t0 + 600 * MS, t0 + 601 * MS);
        permission.extend(t0, t0 + 602 * MS);
        assertThat(permission.deadline()).isEqualTo(t0 + 3100 * MS);
    }

    @ParameterizedTest
    @MethodSource("origins")
    void aReplyThatComesAfterTheDeadlineGivesNothing(long t0) {
        assertThat(permission.extend(t0, t0 + 2600 * MS)).isFalse();
        assertThat(permission.headroom(t0 + 2600 * MS)).isZero();
    }

    @ParameterizedTest
    @MethodSource("origins")
    void comesBackWithARenewalSentAfterTheDeadline(long t0) {
        permission.extend(t0, t0);
        assertThat(permission.extend(t0 + 9000 * MS, t0 + 9001 * MS)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("origins")
    void neverComesBackOnceItHasEnded(long t0) {
        permission.extend(t0, t0);
        permission.end();
        assertThat(permission.extend(t0 + MS, t0 + MS)).isFalse();
        assertThat(permission.ended()).isTrue();
    }
}
