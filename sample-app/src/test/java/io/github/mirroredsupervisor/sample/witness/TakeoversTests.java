package io.github.mirroredsupervisor.sample.witness;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.sample.witness.Fault.Kind;
import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import org.junit.jupiter.api.Test;

class TakeoversTests {

    private static final long MS = 1_000_000;

    private final RunLedger ledger = new RunLedger();
    private final Takeovers takeovers = new Takeovers(ledger);

    private void line(long millis, long pid, String child, long token, Mark mark) {
        takeovers.accept(new WitnessLine(millis * MS, "node-" + pid, pid, child, token, mark));
    }

    private void fault(long millis, Kind kind, long pid) {
        takeovers.accept(new Fault(kind, "node-" + pid, pid, millis * MS));
    }

    private Takeover only() {
        assertThat(takeovers.newestFirst()).hasSize(1);
        return takeovers.newestFirst().get(0);
    }

    @Test
    void countsAKillFromTheSignalToTheFirstAndTheLastChild() {
        line(0, 1, "a", 1, Mark.BEGIN);
        line(0, 1, "b", 2, Mark.BEGIN);
        line(0, 2, "c", 3, Mark.BEGIN);
        fault(10, Kind.KILL, 1);
        assertThat(only().isComplete()).isFalse();
        line(610, 2, "b", 4, Mark.BEGIN);
        line(620, 3, "a", 5, Mark.BEGIN);
        assertThat(only().isComplete()).isTrue();
        assertThat(only().children()).isEqualTo(2);
        assertThat(only().millis()).containsExactly(600, 610);
    }

    @Test
    void countsAStopFromTheEndOfEachRun() {
        line(0, 1, "a", 1, Mark.BEGIN);
        line(0, 1, "b", 2, Mark.BEGIN);
        fault(10, Kind.STOP, 1);
        line(50, 1, "a", 1, Mark.END);
        line(53, 2, "a", 3, Mark.BEGIN);
        line(200, 1, "b", 2, Mark.END);
        assertThat(only().moved()).isEqualTo(1);
        line(207, 2, "b", 4, Mark.BEGIN);
        fault(300, Kind.ENDED, 1);
        assertThat(only().millis()).containsExactly(3, 7);
    }

    @Test
    void countsAStopOfAStuckRunFromTheEndOfItsProcess() {
        line(0, 1, "stuck", 1, Mark.BEGIN);
        line(0, 1, "late", 2, Mark.BEGIN);
        fault(10, Kind.STOP, 1);
        fault(300, Kind.ENDED, 1);
        line(900, 2, "stuck", 3, Mark.BEGIN);
        line(910, 2, "late", 4, Mark.BEGIN);
        line(299, 1, "late", 2, Mark.END); // read late, from a file of its own
        assertThat(only().isComplete()).isTrue();
        assertThat(only().millis()).containsExactly(600, 611);
    }

    @Test
    void doesNotCountARestartInTheSameProcess() {
        line(0, 1, "a", 1, Mark.BEGIN);
        fault(10, Kind.PAUSE, 1);
        line(400, 1, "a", 2, Mark.BEGIN);
        assertThat(only().moved()).isZero();
    }

    @Test
    void forgetsAPauseThatEndedBeforeAnybodyTookOver() {
        line(0, 1, "a", 1, Mark.BEGIN);
        fault(10, Kind.PAUSE, 1);
        fault(200, Kind.RESUME, 1);
        assertThat(takeovers.newestFirst()).isEmpty();
    }

    @Test
    void keepsAPauseThatEndedAfterTheTakeover() {
        line(0, 1, "a", 1, Mark.BEGIN);
        fault(10, Kind.PAUSE, 1);
        line(610, 2, "a", 2, Mark.BEGIN);
        fault(900, Kind.RESUME, 1);
        assertThat(only().millis()).containsExactly(600);
    }

    @Test
    void ignoresFaultsOfProcessesThatRunNothing() {
        line(0, 1, "a", 1, Mark.BEGIN);
        fault(10, Kind.KILL, 2);
        assertThat(takeovers.newestFirst()).isEmpty();
    }

    @Test
    void endsTheRunsOfADeadProcess() {
        line(0, 1, "a", 1, Mark.BEGIN);
        fault(10, Kind.KILL, 1);
        assertThat(ledger.newest("a")).get().satisfies(run -> {
            assertThat(run.isOpen()).isFalse();
            assertThat(run.endNanos()).isEqualTo(10 * MS);
        });
    }

    @Test
    void forgetsOldRunsExceptTheNewestOfEachChild() {
        line(0, 1, "a", 1, Mark.BEGIN);
        line(1, 1, "a", 1, Mark.END);
        line(2, 2, "a", 2, Mark.BEGIN);
        line(3, 2, "a", 2, Mark.END);
        ledger.forgetBefore(100 * MS);
        assertThat(ledger.all()).extracting(Run::token).containsExactly(2L);
    }
}
