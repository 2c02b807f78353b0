package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What owners report about their children. */
public abstract class ReportContract extends StoreFixture {

    @Test
    void aReportShowsInTheRow() {
        join(a);
        long token = insert("one", a).token();
        Instant retry = Instant.parse("2030-01-02T03:04:05Z");
        LastExit exit = new LastExit(LastExit.Kind.CRASH, "boom\0", Instant.parse("2029-01-02T03:04:05Z"));

        report(a, List.of(new PhaseReport("one", token, Phase.RESTARTING, 3, 2, retry, exit, 1L, "no luck", null)));

        ChildRow row = row("one");
        assertThat(row.phase()).isEqualTo(Phase.RESTARTING);
        assertThat(row.restarts()).isEqualTo(3);
        assertThat(row.restartsInWindow()).isEqualTo(2);
        assertThat(row.nextRetry()).isEqualTo(retry);
        assertThat(row.lastExit()).isNotNull();
        assertThat(row.lastExit().kind()).isEqualTo(LastExit.Kind.CRASH);
        assertThat(row.lastExit().reason()).startsWith("boom");
        assertThat(row.lastExit().at()).isEqualTo(exit.at());
        assertThat(row.isAnswered()).isTrue();
        assertThat(row.failure()).isEqualTo("no luck");
        assertThat(row.inPhase()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
    }

    @Test
    void aReportOfAnotherRunChangesNothing() {
        join(a);
        join(b);
        long token = insert("one", a).token();

        report(a, List.of(phase("one", token - 1, Phase.RUNNING, 1L)));
        report(b, List.of(phase("one", token, Phase.RUNNING, 1L)));

        assertThat(row("one").phase()).isEqualTo(Phase.STARTING);
        assertThat(row("one").isAnswered()).isFalse();
    }

    @Test
    void theTimeOfAPhaseCountsFromItsBeginning() {
        join(a);
        insert("one", a);
        report("one", a, Phase.RUNNING, null);
        Instant since = row("one").since();

        report("one", a, Phase.RUNNING, null);
        assertThat(row("one").since()).isEqualTo(since);
        report("one", a, Phase.STOPPING, null);
        assertThat(row("one").since()).isAfter(since);
    }

    @Test
    void anAnswerIsNeverTakenBack() {
        join(a);
        insert("one", a);
        work.command(GROUP, "one", 1, Command.RESTART, DesiredState.RUNNING, null);
        report("one", a, Phase.RUNNING, 2L);
        report("one", a, Phase.RUNNING, 1L);

        assertThat(row("one").answered()).isEqualTo(2);
    }

    @Test
    void anAnswerToAnOlderCommandDoesNotUndoALaterOne() {
        join(a);
        long token = insert("one", a).token();
        work.command(GROUP, "one", 1, Command.RESTART, DesiredState.RUNNING, null);
        work.command(GROUP, "one", 2, Command.RESTART, DesiredState.RUNNING, null);

        report(a, List.of(stoppedAfterFailure(token, 2)));
        assertThat(row("one").desired()).isEqualTo(DesiredState.RUNNING);
        report(a, List.of(stoppedAfterFailure(token, 3)));
        assertThat(row("one").desired()).isEqualTo(DesiredState.STOPPED);
    }

    @Test
    void theAwaitedRowsComeBackAsTheReportsHaveLeftThem() {
        join(a);
        List<PhaseReport> reports = List.of(
                phase("one", insert("one", a).token(), Phase.RUNNING, 1L),
                phase("two", insert("two", a).token(), Phase.RUNNING, 1L),
                phase("of another run", insert("of another run", a).token() - 1, Phase.RUNNING, 1L));
        insert("not reported", a);

        WorkSession.Reported reported =
                work.report(GROUP, a, reports, Set.of("one", "of another run", "not reported", "absent"));

        assertThat(reported.unwritten()).isEmpty();
        assertThat(reported.rows()).singleElement().satisfies(row -> {
            assertThat(row.phase()).isEqualTo(Phase.RUNNING);
            assertThat(row.isAnswered()).isTrue();
            assertThatItIsInTheStore(row);
        });
        assertThat(row("two").isAnswered()).isTrue();
    }

    @Test
    void severalReportsOnOneChildAreTakenInTheirOrder() {
        join(a);
        long token = insert("one", a).token();
        long other = insert("two", a).token();

        report(
                a,
                List.of(
                        phase("one", token, Phase.RUNNING, 1L),
                        phase("two", other, Phase.RUNNING, null),
                        phase("one", token, Phase.STOPPED, null)));

        assertThat(row("one").phase()).isEqualTo(Phase.STOPPED);
        assertThat(row("one").isAnswered()).isTrue();
        assertThat(row("two").phase()).isEqualTo(Phase.RUNNING);
    }
}
