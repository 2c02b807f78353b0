package io.github.mirroredsupervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.mirroredsupervisor.InvalidChildSpecException.Reason;
import io.github.mirroredsupervisor.InvalidChildSpecException.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Child specs and their check; methods are named after the semantics rows they check. */
class ChildSpecTests {

    private static final ChildSpec GOOD = ChildSpec.of("id", "type");

    private static List<Reason> reasons(Collection<ChildSpec> specs) {
        List<Reason> found = new ArrayList<>();
        assertThatThrownBy(() -> ChildSpec.check(specs))
                .isInstanceOfSatisfying(
                        InvalidChildSpecException.class,
                        e -> e.violations().stream().map(Violation::reason).forEach(found::add));
        return found;
    }

    private static void accepted(ChildSpec... specs) {
        assertThatCode(() -> ChildSpec.check(List.of(specs))).doesNotThrowAnyException();
    }

    @Test
    void a1IdAndTypeSufficeAndTheRestIsAsInOtp() {
        assertThat(GOOD)
                .isEqualTo(new ChildSpec(
                        "id",
                        "type",
                        Map.of(),
                        RestartType.PERMANENT,
                        null,
                        new Shutdown.Timeout(Duration.ofSeconds(5)),
                        ChildKind.WORKER,
                        false,
                        Takeover.AFTER_LEASE,
                        OutagePolicy.STOP,
                        null));
        assertThat(GOOD.withKind(ChildKind.SUPERVISOR).shutdown()).isEqualTo(new Shutdown.Infinity());
        assertThat(GOOD.withKind(ChildKind.SUPERVISOR).withKind(ChildKind.WORKER))
                .isEqualTo(GOOD);
        assertThat(GOOD.withShutdown(new Shutdown.Brutal())
                        .withKind(ChildKind.SUPERVISOR)
                        .shutdown())
                .isEqualTo(new Shutdown.Brutal());
    }

    @Test
    void a3ACheckOfNoneIsGoodAndOneOfNothingIsNot() {
        accepted();
        accepted(GOOD);
        assertThat(reasons(null)).containsExactly(Reason.INVALID_CHILD_SPEC);
        assertThat(reasons(Collections.singletonList(null))).containsExactly(Reason.INVALID_CHILD_SPEC);
    }

    static Stream<Arguments> violations() {
        return Stream.of(
                Arguments.of(Reason.MISSING_ID, ChildSpec.of(null, "type")),
                Arguments.of(Reason.MISSING_ID, ChildSpec.of("  ", "type")),
                Arguments.of(Reason.INVALID_ID, ChildSpec.of("x".repeat(256), "type")),
                Arguments.of(Reason.INVALID_ID, ChildSpec.of("a\nb", "type")),
                Arguments.of(Reason.INVALID_ID, ChildSpec.of("a\0b", "type")),
                Arguments.of(Reason.INVALID_ID, ChildSpec.of("a\uD83D", "type")),
                Arguments.of(Reason.INVALID_START, ChildSpec.of("id", "t".repeat(256))),
                Arguments.of(Reason.INVALID_START, ChildSpec.of("id", "t\0")),
                Arguments.of(Reason.INVALID_START, ChildSpec.of("id", "\uDE00t")),
                Arguments.of(Reason.MISSING_START, ChildSpec.of("id", null)),
                Arguments.of(Reason.MISSING_START, ChildSpec.of("id", " ")),
                Arguments.of(Reason.INVALID_ARGUMENTS, GOOD.withArguments(null)),
                Arguments.of(Reason.INVALID_RESTART_TYPE, GOOD.withRestart(null)),
                Arguments.of(
                        Reason.INVALID_RESTART_TYPE,
                        GOOD.withRestart(RestartType.TEMPORARY).withRestartDelay(Duration.ofSeconds(1))),
                Arguments.of(Reason.INVALID_DELAY, GOOD.withRestartDelay(Duration.ofMillis(-1))),
                Arguments.of(Reason.BAD_COMBINATION, GOOD.withSignificant(true)),
                Arguments.of(Reason.INVALID_CHILD_TYPE, GOOD.withKind(null)),
                Arguments.of(Reason.INVALID_SHUTDOWN, GOOD.withShutdown(null)),
                Arguments.of(Reason.INVALID_SHUTDOWN, GOOD.withShutdown(new Shutdown.Timeout(Duration.ofMillis(-1)))),
                Arguments.of(Reason.INVALID_SHUTDOWN, GOOD.withShutdown(new Shutdown.Timeout(null))),
                Arguments.of(Reason.INVALID_TAKEOVER, GOOD.withTakeover(null)),
                Arguments.of(Reason.INVALID_OUTAGE_POLICY, GOOD.withOnOutage(null)),
                Arguments.of(Reason.INVALID_PROGRESS_TIMEOUT, GOOD.withProgressTimeout(Duration.ZERO)),
                Arguments.of(Reason.INVALID_PROGRESS_TIMEOUT, GOOD.withProgressTimeout(Duration.ofSeconds(-1))));
    }

    @ParameterizedTest
    @MethodSource("violations")
    void a4EachViolationHasItsReasonAndSaysWhichChild(Reason reason, ChildSpec spec) {
        assertThat(reasons(List.of(spec))).containsExactly(reason);
        assertThatThrownBy(() -> ChildSpec.check(List.of(spec)))
                .hasMessageContaining(reason.name())
                .hasMessageContaining(spec.id() == null ? "needs an id" : spec.id());
    }

    @Test
    void a4NoReasonIsWithoutACase() {
        Set<Reason> covered = EnumSet.of(
                Reason.INVALID_CHILD_SPEC, // a null spec
                Reason.DUPLICATE_CHILD_NAME, // two specs
                Reason.UNKNOWN_TYPE); // needs an application
        violations().forEach(one -> covered.add((Reason) one.get()[0]));
        assertThat(covered).containsExactlyInAnyOrder(Reason.values());
    }

    @Test
    void a5AllViolationsAreReportedInAFixedOrder() {
        ChildSpec hopeless = new ChildSpec(
                null, null, null, null, Duration.ofSeconds(-1), null, null, true, null, null, Duration.ZERO);
        assertThat(reasons(List.of(hopeless)))
                .containsExactly(
                        Reason.MISSING_ID,
                        Reason.MISSING_START,
                        Reason.INVALID_ARGUMENTS,
                        Reason.INVALID_RESTART_TYPE,
                        Reason.INVALID_DELAY,
                        Reason.INVALID_CHILD_TYPE,
                        Reason.INVALID_SHUTDOWN,
                        Reason.INVALID_TAKEOVER,
                        Reason.INVALID_OUTAGE_POLICY,
                        Reason.INVALID_PROGRESS_TIMEOUT);
        ChildSpec tripleBad = GOOD.withShutdown(null).withKind(null).withSignificant(true);
        assertThat(reasons(List.of(tripleBad, GOOD)))
                .containsExactly(
                        Reason.BAD_COMBINATION,
                        Reason.INVALID_CHILD_TYPE,
                        Reason.INVALID_SHUTDOWN,
                        Reason.DUPLICATE_CHILD_NAME);
    }

    @Test
    void a6AnIdOccursOnceInAListAndIsComparedExactly() {
        assertThat(reasons(List.of(GOOD, ChildSpec.of("other", "type"), GOOD)))
                .containsExactly(Reason.DUPLICATE_CHILD_NAME);
        accepted(GOOD, ChildSpec.of("ID", "type"), ChildSpec.of("id ", "type"));
        accepted(ChildSpec.of("x".repeat(255), "type"), ChildSpec.of("ä/ß 中 🎈", "type"));
    }

    @Test
    void a7AShutdownOfZeroIsGoodAndANegativeOneIsNot() {
        accepted(GOOD.withShutdown(new Shutdown.Timeout(Duration.ZERO)));
        accepted(GOOD.withShutdown(new Shutdown.Brutal()));
        accepted(GOOD.withShutdown(new Shutdown.Infinity()));
        assertThat(reasons(List.of(GOOD.withShutdown(new Shutdown.Timeout(Duration.ofNanos(-1))))))
                .containsExactly(Reason.INVALID_SHUTDOWN);
    }

    @ParameterizedTest
    @EnumSource(RestartType.class)
    void a8EveryRestartTypeButTemporaryMayHaveADelay(RestartType type) {
        ChildSpec spec = GOOD.withRestart(type);
        accepted(spec);
        for (Duration delay : List.of(Duration.ZERO, Duration.ofMillis(500), Duration.ofDays(1))) {
            if (type == RestartType.TEMPORARY) {
                assertThat(reasons(List.of(spec.withRestartDelay(delay)))).containsExactly(Reason.INVALID_RESTART_TYPE);
            } else {
                accepted(spec.withRestartDelay(delay));
            }
        }
    }
}
