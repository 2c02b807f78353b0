package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnEmptyGroup;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnStartFailure;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnUndeclared;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest.Membership;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the database refuses because of one row costs that row only, whichever statement it is. */
@ExtendWith(OutputCaptureExtension.class)
class RefusedRowTests extends StoreTest {

    private static final int CHILDREN = 11;

    private final List<String> all =
            IntStream.range(0, CHILDREN).mapToObj(i -> "c" + i).toList();

    private WorkSession work;

    @BeforeEach
    void join() {
        undo();
        work = work();
        work.join(request(a, Set.of("relay"), all.stream().map(StoreTest::spec).toList()));
    }

    @AfterEach
    void undo() {
        database.execute(
                "drop trigger if exists objecting on mirrored_supervisor.child",
                "drop trigger if exists objecting on mirrored_supervisor.history",
                "drop trigger if exists objecting on mirrored_supervisor.removed_child",
                "drop function if exists public.object() cascade",
                "alter table mirrored_supervisor.child drop constraint if exists house_rule");
    }

    @ParameterizedTest
    @ValueSource(strings = {"c0", "c5", "c10"})
    void aRefusedGrantIsGivenToTheOthers(String poisoned, CapturedOutput output) {
        Integer session = backend();
        objectTo("update", poisoned);

        assertThat(grant(work, a, expected(rows())).keySet()).containsExactlyInAnyOrderElementsOf(allBut(poisoned));

        assertThat(row(work, poisoned).owner()).isNull();
        assertThat(backend()).isEqualTo(session);
        assertThat(output)
                .contains("not " + poisoned)
                .contains("SQLSTATE P0001")
                .contains("children [" + poisoned + "] of group 'orders'");
    }

    @Test
    void severalAreRefusedAndTheOthersAreGranted() {
        database.execute("alter table mirrored_supervisor.child add constraint house_rule"
                + " check (owner is null or id not in ('c1', 'c2', 'c9'))");

        assertThat(grant(work, a, expected(rows())).keySet())
                .containsExactlyInAnyOrderElementsOf(allBut("c1", "c2", "c9"));
    }

    @Test
    void aRefusedRowIsSaidOnceAndTriedAgainLessAndLessOften(CapturedOutput output) {
        objectTo("update", "c3");
        for (int i = 0; i < 50; i++) {
            assertThat(grant(work, a, expected(List.of(row(work, "c3"))))).isEmpty();
        }
        assertThat(output.getOut().split("not c3", -1)).hasSize(2);
        database.execute("drop trigger objecting on mirrored_supervisor.child");
        await().untilAsserted(() ->
                assertThat(grant(work, a, expected(List.of(row(work, "c3"))))).containsOnlyKeys("c3"));
        assertThat(output).contains("No longer refused: to grant child 'c3'");
        assertThat(work.refusal(GROUP, "c3")).isEmpty();
    }

    @Test
    void whyAChildWasNotGrantedCanBeAsked() {
        database.execute(
                "alter table mirrored_supervisor.child add constraint house_rule check (owner is null or id <> 'c4')");
        grant(work, a, expected(rows()));

        assertThat(work.refusal(GROUP, "c4")).hasValueSatisfying(refusal -> {
            assertThat(refusal.sqlState()).isEqualTo("23514");
            assertThat(refusal).hasMessageContaining("constraint house_rule");
        });
        assertThat(work.refusal(GROUP, "c5")).isEmpty();
    }

    @Test
    void aRefusalOfAllIsTriedAgainWhenItIsOver() {
        database.execute("alter table mirrored_supervisor.child add constraint house_rule check (owner is null)");
        assertThat(grant(work, a, expected(rows()))).isEmpty();
        database.execute("alter table mirrored_supervisor.child drop constraint house_rule");
        await().untilAsserted(() -> {
            grant(work, a, expected(rows()));
            assertThat(rows()).allSatisfy(row -> assertThat(row.owner()).isEqualTo(a));
        });
    }

    @Test
    void aRefusedHandOverLeavesTheOthersHandedOver() {
        grant(work, a, expected(rows()));
        objectTo("update", "c7");

        assertThat(work.release(GROUP, expected(rows()), null)).containsExactlyInAnyOrderElementsOf(allBut("c7"));
        assertThat(row(work, "c7").owner()).isEqualTo(a);
    }

    @Test
    void aRefusedReportLeavesTheOthersReported() {
        grant(work, a, expected(rows()));
        database.execute(
                "alter table mirrored_supervisor.child add constraint house_rule check (phase <> 'RUNNING' or id <> 'c6')");

        WorkSession.Reported reported = work.report(GROUP, a, reports(rows()), Set.of("c5", "c6"));

        assertThat(reported.unwritten()).containsExactly("c6");
        assertThat(reported.rows()).extracting(ChildRow::id).containsExactly("c5");
        assertThat(rows())
                .filteredOn(row -> row.phase() == Phase.RUNNING)
                .extracting(ChildRow::id)
                .containsExactlyInAnyOrderElementsOf(allBut("c6"));
    }

    @Test
    void aRefusedRemovalLeavesTheOthersRemoved() {
        grant(work, a, expected(rows()));
        objectTo("delete", "c2");

        assertThat(work.remove(GROUP, expected(rows()), "ended")).containsExactly("c2");
        assertThat(rows()).extracting(ChildRow::id).containsExactly("c2");
    }

    @Test
    void whatOneRoundDoesAboutSingleChildrenIsRefusedAlone() {
        objectTo("update", "c1");
        ChildRow row = row(work, "c1");

        assertThat(work.quarantine(GROUP, expected(List.of(row)).get(0), "poison"))
                .isFalse();
        assertThat(work.requestMove(GROUP, "c1", row.revision(), null)).isFalse();
    }

    @Test
    void aRefusedDeclaredChildKeepsNeitherThePeerNorTheOthersOut(CapturedOutput output) {
        database.execute("alter table mirrored_supervisor.child add constraint house_rule check (id <> 'new3')");
        List<String> added = IntStream.range(0, 7).mapToObj(i -> "new" + i).toList();

        assertThat(work.join(request(
                        b, Set.of("relay"), added.stream().map(StoreTest::spec).toList())))
                .hasSize(1);

        assertThat(rows())
                .extracting(ChildRow::id)
                .contains("new0", "new1", "new2", "new4", "new5", "new6")
                .doesNotContain("new3");
        assertThat(output).contains("children [new3] of group 'orders'");
        assertThat(work.missing(GROUP, added)).containsExactly("new3");
        database.execute("alter table mirrored_supervisor.child drop constraint house_rule");
        await().untilAsserted(() -> assertThat(
                        work.declare(GROUP, added.stream().map(StoreTest::spec).toList()))
                .contains("new3"));
    }

    @Test
    void aRefusedRowOfTheLastLifeOfAGroupKeepsNobodyOut() {
        database.execute("update mirrored_supervisor.child set phase = 'COMPLETED' where id in ('c1', 'c2')");
        work.leave(a);
        objectTo("update", "c1");

        assertThat(work.join(request(b, Set.of("relay"), List.of(spec("c1"), spec("c2"), spec("new")))))
                .hasSize(1);
        assertThat(rows()).extracting(ChildRow::id).contains("new");
        assertThat(row(work, "c1").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(row(work, "c2").phase()).isEqualTo(Phase.STARTING);
    }

    @Test
    void aRefusedRowOfTheLastLifeOfAGroupIsTheOnlyOneThatStaysWhenItIsReset(CapturedOutput output) {
        work.leave(a);
        objectTo("delete", "c3");

        work.join(resetting(b, List.of(spec("new"))));

        assertThat(rows()).extracting(ChildRow::id).containsExactlyInAnyOrder("c3", "new");
        assertThat(output).contains("children [c3] of group 'orders'").contains("these stay as they are");
    }

    @Test
    void aRefusedTemporaryChildOfTheLastLifeIsTheOnlyOneThatStaysAsItIs() {
        List<ChildSpec> declared = Stream.of("t1", "t2", "t3")
                .map(id -> spec(id).withRestart(RestartType.TEMPORARY))
                .toList();
        work.leave(a);
        work.join(request(b, Set.of("relay"), declared));
        database.execute("update mirrored_supervisor.child set phase = 'COMPLETED' where id like 't_'");
        work.leave(b);
        objectTo("delete", "t2");

        work.join(request(c, Set.of("relay"), declared));

        assertThat(row(work, "t1").phase()).isEqualTo(Phase.STARTING);
        assertThat(row(work, "t3").phase()).isEqualTo(Phase.STARTING);
    }

    @Test
    void aRefusedSettingOfAGroupKeepsNobodyOut(CapturedOutput output) {
        work.leave(a);
        database.execute(
                "alter table mirrored_supervisor.supervision_group add constraint house_rule check (intensity = 1)");
        try {
            work.join(resetting(b, List.of(spec("new"))));
        } finally {
            database.execute("alter table mirrored_supervisor.supervision_group drop constraint house_rule");
        }
        assertThat(work.group(GROUP))
                .hasValueSatisfying(
                        group -> assertThat(group.flags().intensity()).isEqualTo(1));
        assertThat(rows()).extracting(ChildRow::id).containsExactly("new");
        assertThat(output).contains("change the settings of group orders");
    }

    @Test
    void aRefusedUndeclaredChildLeavesTheOthersRemoved(CapturedOutput output) {
        work.leave(a);
        work.join(request(b, Set.of("relay"), List.of()));
        objectTo("update", "c3");

        assertThat(work.removeUndeclared(GROUP, Set.copyOf(all))).containsExactlyInAnyOrderElementsOf(allBut("c3"));

        assertThat(rows())
                .filteredOn(row -> row.command() == Command.REMOVE)
                .extracting(ChildRow::id)
                .containsExactlyInAnyOrderElementsOf(allBut("c3"));
        assertThat(output).contains("children [c3] of group 'orders'");
        database.execute("drop trigger objecting on mirrored_supervisor.child");
        await().untilAsserted(() ->
                assertThat(work.removeUndeclared(GROUP, Set.of("c3"))).containsExactly("c3"));
    }

    @Test
    void aRefusedNoteOfARemovedChildLeavesTheOthersDeclaredAgain() {
        database.execute(
                "delete from mirrored_supervisor.child where id in ('c1', 'c2')",
                "insert into mirrored_supervisor.removed_child values ('orders', 'c1'), ('orders', 'c2')");
        objectTo("delete", "c1", "removed_child");

        assertThat(work.redeclare(GROUP, Set.of("c1", "c2"))).containsExactly("c1");
        assertThat(work.missing(GROUP, all)).containsExactly("c2");
    }

    /** The first member's settings count, and it begins anew. */
    private static JoinRequest resetting(PeerId peer, List<ChildSpec> declared) {
        GroupPolicies policies = new GroupPolicies(
                AutoShutdown.NEVER,
                OnIntensityExceeded.TERMINATE_GROUP,
                OnEmptyGroup.RESET,
                OnStartFailure.RETRY,
                OnUndeclared.KEEP,
                null);
        GroupSettings settings =
                new GroupSettings(GROUP, Strategy.ONE_FOR_ONE, 7, Duration.ofSeconds(5), Duration.ZERO, policies);
        JoinRequest plain = request(peer, Set.of("relay"), declared);
        return new JoinRequest(
                peer,
                plain.ref(),
                plain.lease(),
                plain.stopBound(),
                List.of(new Membership(settings, Set.of("relay"), declared)));
    }

    private Collection<PhaseReport> reports(List<ChildRow> rows) {
        return rows.stream()
                .map(row -> new PhaseReport(row.id(), row.token(), Phase.RUNNING, 0, 0, null, null, null, null, null))
                .toList();
    }

    private List<ChildRow> rows() {
        return work.allRows(GROUP);
    }

    private List<String> allBut(String... poisoned) {
        return all.stream()
                .filter(id -> Stream.of(poisoned).noneMatch(id::equals))
                .toList();
    }

    private void objectTo(String operation, String id) {
        objectTo(operation, id, "child");
    }

    private void objectTo(String operation, String id, String table) {
        database.execute(
                "create or replace function public.object() returns trigger language plpgsql as $$ begin"
                        + " if old.id = '" + id + "' then raise exception 'not %', old.id; end if;"
                        + " return case when tg_op = 'DELETE' then old else new end; end $$",
                "create trigger objecting before " + operation + " on mirrored_supervisor." + table
                        + " for each row execute function public.object()");
    }

    private Integer backend() {
        return database.jdbc()
                .sql("select pid from pg_stat_activity where datname = current_database()"
                        + " and application_name like 'mirrored-supervisor work%'")
                .query(Integer.class)
                .single();
    }
}
