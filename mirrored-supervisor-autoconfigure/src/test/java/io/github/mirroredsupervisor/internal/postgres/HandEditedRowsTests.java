package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.internal.postgres.announcements.Channels;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.testing.RowHolder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is written into one child's row, it can be read, and so can all the others. */
class HandEditedRowsTests extends StoreTest {

    private WorkSession work;

    @BeforeEach
    void declare() {
        work = work();
        work.join(request(a, Set.of("relay"), List.of(spec("edited"), spec("other"))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    []                                    | not a JSON object
                    null                                  | not a JSON object
                    "text"                                | not a JSON object
                    {"arguments":[1]}                     | arguments
                    {"shutdown":"gently"}                 | shutdown
                    {"shutdown":{"timeout":5}}            | shutdown.timeout
                    {"shutdown":{"timeout":"PT-5S"}}      | shutdown
                    {"shutdown":{}}                       | "brutal"
                    {"restartDelay":"5 seconds"}          | restartDelay
                    {"restartDelay":"-PT5S"}              | negative
                    {"significant":"yes"}                 | significant
                    {"takeover":"SOON"}                   | AFTER_LEASE
                    {"onOutage":7}                        | CONTINUE
                    {"significant":true}                  | significant
                    """)
    void anUnreadableSpecIsExplained(String spec, String explanation) {
        edit("spec = '" + spec + "'");

        ChildRow row = row(work, "edited");
        assertThat(row.spec()).isNull();
        assertThat(row.specError()).contains(explanation);
        assertThat(row.type()).isEqualTo("relay");
        assertTheOthersAreUnaffected();
    }

    @Test
    void missingAndUnknownFieldsAreNoErrors() {
        edit("spec = '{\"colour\": \"blue\", \"shutdown\": \"infinity\"}'");

        ChildRow row = row(work, "edited");
        assertThat(row.specError()).isNull();
        assertThat(row.spec()).isEqualTo(spec("edited").withShutdown(new Shutdown.Infinity()));
    }

    @ParameterizedTest
    @CsvSource({"restart", "kind", "desired", "phase", "command", "last_exit_kind"})
    void aConstantOfALaterVersionIsExplained(String column) {
        String constraint = column.equals("last_exit_kind") ? "last_exit" : column;
        withoutConstraint("child_" + constraint + "_known", () -> {
            edit("last_exit_at = clock_timestamp(), " + column + " = 'LATER'");

            ChildRow row = row(work, "edited");
            assertThat(row.spec()).isNull();
            assertThat(row.specError()).contains(column).contains("LATER");
            assertTheOthersAreUnaffected();
        });
    }

    @Test
    void standInsMakeNobodyRunTheChild() {
        withoutConstraint("child_desired_known", () -> {
            edit("desired = 'LATER'");
            assertThat(row(work, "edited").desired()).isEqualTo(DesiredState.STOPPED);
        });
        withoutConstraint("child_phase_known", () -> {
            edit("phase = 'LATER', desired = 'STOPPED'");
            assertThat(row(work, "edited").phase()).isEqualTo(Phase.UNPLACEABLE);
        });
    }

    @Test
    void absurdTimesAreRead() {
        edit("since = 'infinity', next_retry = '-infinity', last_exit_kind = 'CRASH', last_exit_at = 'infinity'");

        ChildRow row = row(work, "edited");
        assertThat(row.since()).isEqualTo(Instant.EPOCH);
        assertThat(row.inPhase()).isEqualTo(Duration.ZERO);
        assertThat(row.nextRetry()).isNull();
        assertThat(row.lastExit()).isNull();
        assertThat(row.spec()).isNotNull();
        assertTheOthersAreUnaffected();
    }

    @Test
    void anExitWithoutATimeIsNone() {
        edit("last_exit_kind = 'CRASH'");
        assertThat(row(work, "edited").lastExit()).isNull();
    }

    @Test
    void anOwnerWithoutARowIsNobody() {
        edit("owner = '" + UUID.randomUUID() + "', phase = 'RUNNING'");

        ChildRow row = row(work, "edited");
        assertThat(row.isOrphan()).isTrue();
        assertThat(row.ownerRef()).isNull();
        assertThat(work.view(GROUP, a).children()).extracting(ChildRow::id).contains("edited");
        assertThat(grant(work, a, expected(List.of(row)))).containsOnlyKeys("edited");
    }

    @Test
    void anAbsurdRenewalTimeIsNoAge() {
        work.join(request(b, Set.of("relay"), List.of()));
        for (String time :
                List.of("'infinity'", "'-infinity'", "now() + interval '1 hour'", "now() - interval '2 days'")) {
            database.jdbc()
                    .sql("update mirrored_supervisor.peer set last_renewed_at = " + time + " where id = ?")
                    .param(b.value())
                    .update();
            assertThat(renewals().renew(a).peers())
                    .singleElement()
                    .satisfies(peer -> assertThat(peer.age()).isNull());
        }
        assertThat(work.members(GROUP)).hasSize(2);
    }

    @Test
    void aPeerThatAHandDeclaredDeadIsDead() {
        database.jdbc()
                .sql("update mirrored_supervisor.peer set state = 'DEAD' where id = ?")
                .param(a.value())
                .update();
        assertThat(renewals().renew(a).renewed()).isFalse();
        assertThat(work.purgePeers(Duration.ofDays(1), 10)).isZero();
        assertThat(work.purgePeers(Duration.ZERO, 10)).isEqualTo(1);
    }

    @Test
    void aTokenThatAHandRaisedIsNotUndercut() {
        edit("fencing_token = 4000000000000000");
        assertThat(grant(work, a, expected(List.of(row(work, "edited")))).get("edited"))
                .isEqualTo(4000000000000001L);
    }

    @Test
    void aForeignNotificationMeansToLookEverywhere() {
        var listening = opened(store().openHints(Set.of(GROUP)));
        listening.await(a, Duration.ofSeconds(10));
        try (RowHolder stranger =
                RowHolder.of(database, "select pg_notify('" + Channels.ofGroup(GROUP) + "', 'look!')")) {
            stranger.commit();
        }
        assertThat(listening.await(a, Duration.ofSeconds(10)))
                .containsExactly(io.github.mirroredsupervisor.internal.store.NotificationSession.Hint.EVERYTHING);
    }

    private void withoutConstraint(String name, Runnable test) {
        String definition = database.jdbc()
                .sql("select pg_get_constraintdef(oid) from pg_constraint where conname = ?")
                .param(name)
                .query(String.class)
                .single();
        String alter = "alter table mirrored_supervisor.child ";
        database.execute(alter + "drop constraint " + name);
        try {
            test.run();
        } finally {
            database.execute(alter + "add constraint " + name + " " + definition + " not valid");
        }
    }

    private void edit(String assignments) {
        database.execute("update mirrored_supervisor.child set " + assignments + " where id = 'edited'");
    }

    private void assertTheOthersAreUnaffected() {
        assertThat(work.allRows(GROUP)).hasSize(2);
        assertThat(row(work, "other").spec()).isEqualTo(spec("other"));
        assertThat(work.view(GROUP, a).children()).hasSize(2);
    }
}
