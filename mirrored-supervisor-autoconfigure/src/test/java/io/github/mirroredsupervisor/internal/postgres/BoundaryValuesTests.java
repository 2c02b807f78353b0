package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.dao.DataAccessException;

/**
 * Every column of every table is given each value at the edge of what its type holds, as a hand could do it. The other
 * rows are read, granted, commanded and reported on as ever.
 */
class BoundaryValuesTests extends StoreTest {

    private static final String LONG_TEXT = "x".repeat(1_000_000);

    private static final Map<String, List<String>> VALUES = Map.of(
            "bigint",
            List.of(
                    "-9223372036854775808",
                    "-1",
                    "0",
                    "1",
                    "299",
                    "86400001",
                    "1000000000000000000",
                    "4611686018427387902",
                    "4611686018427387903",
                    "9223372036854775806",
                    "9223372036854775807"),
            "integer",
            List.of("-2147483648", "-1", "0", "2147483646", "2147483647"),
            "text",
            List.of("", "LATER", "\u0001\uD83D\uDE00", LONG_TEXT),
            "boolean",
            List.of("true", "false"),
            "uuid",
            List.of("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            "timestamp with time zone",
            List.of(
                    "infinity",
                    "-infinity",
                    "4714-11-24 00:00:00+00 BC",
                    "294276-12-31 23:59:59.999999+00",
                    "1970-01-01 00:00:00+00",
                    "9999-12-31 00:00:00+00"),
            "jsonb",
            List.of(
                    "null",
                    "[]",
                    "{}",
                    "7",
                    "\"x\"",
                    "{\"takeover\":[1]}",
                    "{\"takeover\":\"IMMEDIATE\",\"significant\":1}",
                    "{\"arguments\":" + "[".repeat(2000) + "]".repeat(2000) + "}",
                    "{\"arguments\":{\"v\":1e900},\"restartDelay\":\"PT9999999999999999H\"}"),
            "text[]",
            List.of(
                    "{}",
                    "{NULL,NULL}",
                    "{{a},{b}}",
                    "{" + IntStream.range(0, 100_000).mapToObj(i -> "t" + i).collect(Collectors.joining(",")) + "}"));

    private WorkSession work;
    private RenewalSession renewals;

    @BeforeEach
    void join() {
        work = work();
        renewals = renewals();
        work.join(request(a, Set.of("relay"), List.of(spec("edited"), spec("other"))));
        work.join(request(b, Set.of("relay"), List.of()));
        grant(work, b, expected(List.of(row(work, "edited"))));
    }

    /** Where somebody dropped the constraints before. */
    @TestFactory
    Stream<DynamicTest> noValueReachesBeyondItsRow() {
        dropChecks();
        return columns()
                .flatMap(column -> VALUES.get(column.type()).stream()
                        .map(value -> DynamicTest.dynamicTest(
                                column.table() + "." + column.name() + " = "
                                        + value.substring(0, Math.min(30, value.length())),
                                () -> edited(column, value))));
    }

    private void edited(Column column, String value) {
        String before = read(column);
        try {
            write(column, value);
        } catch (DataAccessException refused) {
            return; // a key, or a column that may not be what the value is
        }
        try {
            assertTheOthersAreUnaffected(column.table().equals("supervision_group"));
        } finally {
            write(column, before);
        }
    }

    private void assertTheOthersAreUnaffected(boolean group) {
        assertThat(renewals.renew(a).renewed()).isTrue();
        renewals.renew(b);
        assertThat(work.allRows(GROUP)).extracting(ChildRow::id).contains("edited", "other");
        assertThat(work.view(GROUP, a).children()).extracting(ChildRow::id).contains("other");
        work.members(GROUP);
        work.counts(GROUP);
        work.hasActiveSignificant(GROUP);
        work.immediate(GROUP, b);
        work.rows(GROUP, Set.of("edited", "other"));
        assertThat(work.certify(a, b, new Heartbeat(-7, 0))).isFalse();
        work.cordon(a, true);
        work.cordon(a, false);
        assertThat(grant(work, a, expected(work.allRows(GROUP)))).containsKey("other");
        ChildRow other = row(work, "other");
        ChildRow commanded =
                work.command(GROUP, "other", other.revision(), Command.RESTART, DesiredState.RUNNING, null);
        assertThat(commanded).isNotNull();
        assertThat(commanded.spec()).isEqualTo(spec("other"));
        var report = new PhaseReport(
                "other", commanded.token(), Phase.RUNNING, 0, 0, null, null, commanded.revision(), null, null);
        work.report(GROUP, a, List.of(report), Set.of());
        assertThat(row(work, "other").isAnswered()).isTrue();
        assertThat(work.release(GROUP, expected(List.of(row(work, "other"))), null))
                .containsExactly("other");
        grant(work, b, expected(List.of(row(work, "edited"))));
        work.purgePeers(Duration.ofDays(1), 100);
        work.purgeHistory(Duration.ofDays(1), 100);
        assertANewcomerIsKeptOutByNothing();
        if (group) {
            work.terminateGroup(
                    GROUP, io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause.AUTO_SHUTDOWN, "over", a);
            work.reviveGroup(GROUP, a, null);
        }
    }

    private void assertANewcomerIsKeptOutByNothing() {
        PeerId newcomer = PeerId.random();
        assertThat(work.join(request(newcomer, Set.of("relay"), List.of(spec("edited"), spec("other")))))
                .hasSize(1);
        assertThat(renewals.renew(newcomer).renewed()).isTrue();
        assertThat(work.view(GROUP, newcomer).members())
                .extracting(MemberRow::id)
                .contains(newcomer);
        work.stranger(GROUP, newcomer, "application");
        work.undeclared(GROUP);
        assertThat(work.missing(GROUP, Set.of("edited", "other"))).isEmpty();
        work.leaving(newcomer);
        work.leave(newcomer);
    }

    private record Column(String table, String name, String type) {

        /** The row that is edited. */
        String row() {
            return switch (table) {
                case "child" -> "id = 'edited'";
                case "peer" -> "id = :b";
                case "member" -> "peer_id = :b";
                default -> "name = '" + GROUP + "'";
            };
        }
    }

    private Stream<Column> columns() {
        return database
                .jdbc()
                .sql("""
                        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
                        from pg_class c join pg_attribute a on a.attrelid = c.oid
                        where c.relnamespace = 'mirrored_supervisor'::regnamespace and a.attnum > 0 and not a.attisdropped
                          and c.relname in ('peer', 'member', 'supervision_group', 'child')
                          and (c.relname, a.attname) not in (('child', 'id'), ('child', 'group_name'), ('peer', 'id'),
                               ('member', 'peer_id'), ('member', 'group_name'), ('supervision_group', 'name'))
                        order by c.relname, a.attnum
                        """)
                .query((row, number) -> new Column(row.getString(1), row.getString(2), row.getString(3)))
                .list()
                .stream();
    }

    private String read(Column column) {
        return database.jdbc()
                .sql("select " + column.name() + "::text from mirrored_supervisor." + column.table() + " where "
                        + column.row())
                .param("b", b.value())
                .query((row, number) -> new String[] {row.getString(1)})
                .single()[0];
    }

    private void write(Column column, String value) {
        int changed = database.jdbc()
                .sql("update mirrored_supervisor." + column.table() + " set " + column.name() + " = cast(:value as "
                        + column.type() + ") where " + column.row())
                .param("value", value)
                .param("b", b.value())
                .update();
        assertThat(changed).isEqualTo(1);
    }

    private void dropChecks() {
        database.jdbc()
                .sql(
                        "select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint"
                                + " where contype = 'c' and connamespace = 'mirrored_supervisor'::regnamespace")
                .query(String.class)
                .list()
                .forEach(drop -> database.execute(drop));
    }
}
