package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every order of grants with whatever else changes a child (protocol rules 5, 7, 8; faults I18, I24, I28). */
class OwnershipRaceTests extends StoreTest {

    private static final String TAKE = """
            update mirrored_supervisor.child
            set owner = ?, fencing_token = fencing_token + 1
            where group_name = 'orders' and id = 'one'
            """;
    private static final String DELETE =
            "delete from mirrored_supervisor.child where group_name = 'orders' and id = 'one'";
    private static final String HOLD =
            "select from mirrored_supervisor.child where group_name = 'orders' and id = 'one' for update";
    private static final String KILL =
            "update mirrored_supervisor.peer set state = 'DEAD', ended_at = clock_timestamp() where id = ?";

    private WorkSession work;

    @BeforeEach
    void declare() {
        work = work();
        work.join(request(a, Set.of("relay"), List.of(spec("one"), spec("two"), spec("three"))));
        work.join(request(b, Set.of("relay"), List.of()));
    }

    @Test
    void anOrphanWhoseRowIsHeldIsQuarantinedTheNextTime() {
        grant(work, a, expected(List.of(row(work, "one"))));
        database.jdbc().sql(KILL).param(a.value()).update();
        OwnedToken read = expected(List.of(row(work, "one"))).get(0);
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            assertThat(work.quarantine(GROUP, read, "test")).isFalse();
            holder.rollback();
        }
        assertThat(work.quarantine(GROUP, read, "test")).isTrue();
    }

    @Test
    void aKnownChildThatSomebodyChangesHoldsUpNoneThatIsStartedWithIt() {
        try (RowHolder other = RowHolder.of(database, TAKE, b.value())) {
            assertThat(work.insert(GROUP, List.of(spec("one"), spec("new")), a))
                    .extracting(ChildRow::id)
                    .containsExactly("new");
            assertThat(work.insert(GROUP, spec("one"), a)).isNull();
            other.commit();
        }
        assertThat(row(work, "one").owner()).isEqualTo(b);
    }

    @Test
    void aGrantBehindAnotherOneInFlightFails() {
        List<OwnedToken> read = expected(List.of(row(work, "one")));
        try (RowHolder other = RowHolder.of(database, TAKE, b.value())) {
            Background<Map<String, Long>> grant = Background.call(() -> grant(work(), a, read));
            other.awaitWaiters(1).commit();
            assertThat(grant.result()).isEmpty();
        }
        assertThat(row(work, "one").owner()).isEqualTo(b);
    }

    @Test
    void aGrantBehindAnotherOneThatIsRolledBackSucceeds() {
        List<OwnedToken> read = expected(List.of(row(work, "one")));
        try (RowHolder other = RowHolder.of(database, TAKE, b.value())) {
            Background<Map<String, Long>> grant = Background.call(() -> grant(work(), a, read));
            other.awaitWaiters(1).rollback();
            assertThat(grant.result()).containsOnlyKeys("one");
        }
        assertThat(row(work, "one").owner()).isEqualTo(a);
    }

    @Test
    void aGrantBehindAChangeThatIsNotOfTheOwnerSucceedsAndKeepsTheChange() {
        List<OwnedToken> read = expected(List.of(row(work, "one")));
        String command =
                "update mirrored_supervisor.child set revision = revision + 1, desired = 'STOPPED' where id = 'one'";
        try (RowHolder other = RowHolder.of(database, command)) {
            Background<Map<String, Long>> grant = Background.call(() -> grant(work(), a, read));
            other.awaitWaiters(1).commit();
            assertThat(grant.result()).containsOnlyKeys("one");
        }
        ChildRow row = row(work, "one");
        assertThat(row.owner()).isEqualTo(a);
        assertThat(row.token()).isGreaterThan(read.get(0).token());
        assertThat(row.revision()).isEqualTo(2);
        assertThat(row.desired()).isEqualTo(DesiredState.STOPPED);
        assertThat(row.phase()).isEqualTo(Phase.STARTING);
    }

    @Test
    void aGrantBehindADeletionFindsNothing() {
        List<OwnedToken> read = expected(List.of(row(work, "one")));
        try (RowHolder deletion = RowHolder.of(database, DELETE)) {
            Background<Map<String, Long>> grant = Background.call(() -> grant(work(), a, read));
            deletion.awaitWaiters(1).commit();
            assertThat(grant.result()).isEmpty();
        }
    }

    @Test
    void aRemovalOrReleaseBehindAGrantChangesNothing() {
        OwnedToken read = expected(List.of(row(work, "one"))).get(0);
        try (RowHolder grant = RowHolder.of(database, TAKE, b.value())) {
            Background<Set<String>> release = Background.call(() -> work().release(GROUP, List.of(read), a));
            Background<Boolean> removal = Background.call(() -> {
                work().remove(GROUP, List.of(read), "test");
                return true;
            });
            grant.awaitWaiters(2).commit();
            assertThat(release.result()).isEmpty();
            removal.result();
        }
        assertThat(row(work, "one").owner()).isEqualTo(b);
    }

    @Test
    void aDeletionBehindARestartCommandChangesNothing() {
        grant(work, a, expected(List.of(row(work, "one"))));
        work.report(GROUP, a, List.of(phase("one", Phase.STOPPED)), Set.of());
        String restart =
                "update mirrored_supervisor.child set revision = revision + 1, command = 'RESTART' where id = 'one'";
        try (RowHolder command = RowHolder.of(database, restart)) {
            OwnedToken read = OwnedToken.of(row(work, "one"));
            Background<Boolean> deletion = Background.call(() -> work().delete(GROUP, read, 1));
            command.awaitWaiters(1).commit();
            assertThat(deletion.result()).isFalse();
        }
    }

    @Test
    void whatAnAdopterTookWhileItWasDeclaredDeadIsAnOrphanAgain() {
        List<OwnedToken> read = expected(List.of(row(work, "one")));
        Background<Map<String, Long>> grant;
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            grant = Background.call(() -> grant(work(), a, read));
            holder.awaitWaiters(1);
            database.jdbc().sql(KILL).param(a.value()).update();
            holder.commit();
            grant.result();
        }
        assertThat(row(work, "one").isOrphan()).isTrue();

        Map<String, Long> claimed = grant(work, b, expected(List.of(row(work, "one"))));

        assertThat(claimed).containsOnlyKeys("one");
        assertThat(claimed.get("one")).isGreaterThan(grant.result().getOrDefault("one", 0L));
    }

    @Test
    void oneLockedChildHoldsUpNoOther() {
        List<OwnedToken> read = expected(work.allRows(GROUP));
        WorkSession hasty = opened(new PostgresStore(TestStores.settings(database, Duration.ofMillis(600))).openWork());
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            assertThat(grant(hasty, a, read)).containsOnlyKeys("two", "three");
            holder.rollback();
        }
        assertThat(grant(hasty, a, read)).containsOnlyKeys("one");

        List<OwnedToken> owned = expected(work.allRows(GROUP));
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            assertThat(hasty.release(GROUP, owned, null)).containsOnly("two", "three");
            holder.rollback();
        }
        assertThat(row(work, "one").owner()).isEqualTo(a);
    }

    @Test
    void aReportOnALockedChildIsNotTakenForWritten() {
        grant(work, a, expected(work.allRows(GROUP)));
        WorkSession hasty = opened(new PostgresStore(TestStores.settings(database, Duration.ofMillis(600))).openWork());
        List<PhaseReport> reports = List.of(phase("one", Phase.RUNNING), phase("two", Phase.RUNNING));
        Set<String> both = Set.of("one", "two");
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            WorkSession.Reported reported = hasty.report(GROUP, a, reports, both);
            assertThat(reported.unwritten()).containsOnly("one");
            assertThat(reported.rows()).extracting(ChildRow::id).containsExactly("two");
            assertThat(row(work, "two").phase()).isEqualTo(Phase.RUNNING);
            holder.rollback();
        }
        assertThat(hasty.report(GROUP, a, reports, both).unwritten()).isEmpty();
        assertThat(row(work, "one").phase()).isEqualTo(Phase.RUNNING);
    }

    @Test
    void aRemovalOfALockedChildSaysSo() {
        List<OwnedToken> read = expected(work.allRows(GROUP));
        WorkSession hasty = opened(new PostgresStore(TestStores.settings(database, Duration.ofMillis(600))).openWork());
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            assertThat(hasty.remove(GROUP, read, "test")).containsOnly("one");
            assertThat(work.allRows(GROUP)).hasSize(1);
            holder.rollback();
        }
        assertThat(hasty.remove(GROUP, read, "test")).isEmpty();
        assertThat(work.allRows(GROUP)).isEmpty();
    }

    @Test
    void aReportBehindAHandOverChangesNothing() {
        grant(work, a, expected(work.allRows(GROUP)));
        PhaseReport report = phase("one", Phase.RUNNING);
        try (RowHolder takeover = RowHolder.of(database, TAKE, b.value())) {
            Background<Boolean> reporting = Background.call(() -> {
                work().report(GROUP, a, List.of(report), Set.of());
                return true;
            });
            takeover.awaitWaiters(1).commit();
            reporting.result();
        }
        assertThat(row(work, "one").phase()).isEqualTo(Phase.STARTING);
    }

    @Test
    void ofTwoCommandsOnOneRevisionOneIsWritten() {
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            List<Background<Boolean>> commands = IntStream.range(0, 2)
                    .mapToObj(i -> Background.call(() ->
                            work().command(GROUP, "one", 1, Command.TERMINATE, DesiredState.STOPPED, null) != null))
                    .toList();
            holder.awaitWaiters(2).commit();
            assertThat(commands.stream().map(Background::result)).containsExactlyInAnyOrder(true, false);
        }
        assertThat(row(work, "one").revision()).isEqualTo(2);
    }

    @Test
    void ofTwoInsertionsOfOneIdOneIsWritten() {
        String insert = """
                insert into mirrored_supervisor.child (group_name, id, type, restart, kind, owner)
                values ('orders', 'new', 'relay', 'PERMANENT', 'WORKER', ?)
                """;
        try (RowHolder other = RowHolder.of(database, insert, b.value())) {
            Background<Boolean> insertion = Background.call(() -> work().insert(GROUP, spec("new"), a) == null);
            other.awaitWaiters(1).commit();
            assertThat(insertion.result()).isTrue();
        }
        assertThat(row(work, "new").owner()).isEqualTo(b);
    }

    @Test
    void anInsertionBehindOneThatIsRolledBackIsWritten() {
        String insert = """
                insert into mirrored_supervisor.child (group_name, id, type, restart, kind, owner)
                values ('orders', 'new', 'relay', 'PERMANENT', 'WORKER', ?)
                """;
        try (RowHolder other = RowHolder.of(database, insert, b.value())) {
            Background<Boolean> insertion = Background.call(() -> work().insert(GROUP, spec("new"), a) != null);
            other.awaitWaiters(1).rollback();
            assertThat(insertion.result()).isTrue();
        }
        assertThat(row(work, "new").owner()).isEqualTo(a);
    }

    /** Rows that somebody holds are waited for, and in one order by everybody. */
    @Test
    void anAdopterWaitsForRowsInTheOrderOfTheirIds() {
        List<OwnedToken> read = expected(work.allRows(GROUP));
        try (RowHolder first = holderOf("one");
                RowHolder second = holderOf("three");
                RowHolder last = holderOf("two")) {
            Background<Map<String, Long>> grant = Background.call(() -> grant(work(), a, read));
            first.awaitWaiters(1);
            last.commit();
            second.commit();
            assertThat(isLocked("two")).isFalse();
            assertThat(isLocked("three")).isFalse();
            first.commit();
            assertThat(grant.result()).hasSize(3);
        }
    }

    private RowHolder holderOf(String id) {
        return RowHolder.of(database, "select from mirrored_supervisor.child where id = ? for no key update", id);
    }

    private boolean isLocked(String id) {
        return database.jdbc()
                .sql("select from mirrored_supervisor.child where id = ? for no key update skip locked")
                .param(id)
                .query((row, number) -> id)
                .list()
                .isEmpty();
    }

    @Test
    void eightAdoptersGetEachChildOnce() {
        List<ChildSpec> specs =
                IntStream.range(0, 120).mapToObj(i -> spec("child-" + i)).toList();
        work.join(request(c, Set.of("relay"), specs));
        List<OwnedToken> read = expected(work.allRows(GROUP));

        List<Background<Map<String, Long>>> adoptions = IntStream.range(0, 8)
                .mapToObj(i -> {
                    PeerId me = PeerId.random();
                    work.join(request(me, Set.of("relay"), List.of()));
                    List<OwnedToken> shuffled = new ArrayList<>(read);
                    Collections.shuffle(shuffled, new Random(i));
                    return Background.call(() -> grant(work(), me, shuffled));
                })
                .toList();
        List<Map<String, Long>> granted =
                adoptions.stream().map(Background::result).toList();

        assertThat(granted.stream().flatMap(one -> one.keySet().stream()))
                .hasSize(read.size())
                .doesNotHaveDuplicates();
        assertThat(read)
                .allSatisfy(before -> assertThat(granted)
                        .filteredOn(one -> one.containsKey(before.childId()))
                        .singleElement()
                        .satisfies(one -> assertThat(one.get(before.childId())).isGreaterThan(before.token())));
        assertThat(work.allRows(GROUP)).allSatisfy(row -> {
            assertThat(row.isOrphan()).isFalse();
            assertThat(granted).anySatisfy(one -> assertThat(one).containsEntry(row.id(), row.token()));
        });
    }

    @Test
    void manyJoinersDeclareEachChildOnce() {
        List<ChildSpec> specs =
                IntStream.range(0, 30).mapToObj(i -> spec("static-" + i)).toList();
        List<ChildSpec> reversed = new ArrayList<>(specs);
        Collections.reverse(reversed);

        List<Background<Boolean>> joins = IntStream.range(0, 8)
                .mapToObj(i -> Background.call(() -> {
                    work().join(request(PeerId.random(), Set.of("relay"), i % 2 == 0 ? specs : reversed));
                    return true;
                }))
                .toList();
        joins.forEach(Background::result);

        assertThat(work.allRows(GROUP)).hasSize(33);
        assertThat(work.members(GROUP)).hasSize(10);
    }

    @Test
    void nothingEverDeadlocks() {
        List<ChildSpec> specs =
                IntStream.range(0, 20).mapToObj(i -> spec("child-" + i)).toList();
        work.join(request(c, Set.of("relay"), specs));

        List<Background<Integer>> actors = Stream.of(1, 2, 3, 4, 5, 6)
                .map(seed -> Background.call(() -> new Soup(seed).run(60)))
                .toList();

        assertThat(actors.stream().mapToInt(Background::result).sum()).isEqualTo(6 * 60);
    }

    private PhaseReport phase(String id, Phase phase) {
        return new PhaseReport(id, row(work, id).token(), phase, 0, 0, null, null, null, null, null);
    }

    /** Does everything a peer may do, in an order that the seed decides; fails with whatever fails. */
    private final class Soup {

        private final Random random;
        private final WorkSession session = work();
        private PeerId me = PeerId.random();

        Soup(int seed) {
            random = new Random(seed);
            join();
        }

        int run(int steps) {
            int done = 0;
            while (done < steps) {
                step();
                done++;
            }
            return done;
        }

        private void step() {
            List<ChildRow> rows = new ArrayList<>(session.allRows(GROUP));
            Collections.shuffle(rows, random);
            if (rows.isEmpty()) {
                session.insert(GROUP, spec("dynamic"), me);
                return;
            }
            ChildRow one = rows.get(0);
            switch (random.nextInt(9)) {
                case 0, 1 -> grant(session, me, expected(rows));
                case 2 -> session.report(GROUP, me, reports(rows), Set.of());
                case 3 -> session.command(GROUP, one.id(), one.revision(), Command.RESTART, DesiredState.RUNNING, null);
                case 4 -> session.release(GROUP, expected(List.of(one)), null);
                case 5 -> session.insert(GROUP, spec("dynamic-" + random.nextInt(10)), me);
                case 6 -> session.remove(GROUP, expected(rows.subList(0, Math.min(2, rows.size()))), "test");
                case 7 -> session.certify(me, b, new Heartbeat(99, 0));
                default -> {
                    session.leave(me);
                    me = PeerId.random();
                    join();
                }
            }
        }

        private List<PhaseReport> reports(List<ChildRow> rows) {
            return rows.stream()
                    .map(row -> new PhaseReport(
                            row.id(), row.token(), Phase.RUNNING, 0, 0, null, null, row.revision(), null, null))
                    .toList();
        }

        private void join() {
            session.join(request(me, Set.of("relay"), List.of(spec("one"), spec("two"), spec("three"))));
        }
    }
}
