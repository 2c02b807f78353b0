package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnEmptyGroup;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest.Membership;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.Logins;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Protocol rules 11 and 11b: every token of a child exceeds its earlier ones, whatever the database has forgotten and
 * whatever its clock says. Sessions remember no tokens, so what is seen here is what the database does by itself.
 */
class FencingTokenTests extends StoreTest {

    private static final String SET_SEQUENCE_BACK = "select setval('mirrored_supervisor.fencing_token', 1)";

    /** As if the clock had been set back since the grant: by an hour. */
    private static final String LATER =
            "update mirrored_supervisor.child set fencing_token = fencing_token + 3600000000 where id = 'one'";

    private WorkSession work;

    @BeforeEach
    void join() {
        database.execute("drop table if exists public.as_it_was", SET_SEQUENCE_BACK);
        work = work();
        work.join(request(a, Set.of("relay"), List.of()));
        work.join(request(b, Set.of("relay"), List.of()));
    }

    /** A copy that is younger than all that anybody remembers, put in place on the running server. */
    @Test
    void aGrantThatTheDatabaseForgotIsNotRepeated() {
        inserted("one");
        database.execute("create table public.as_it_was as table mirrored_supervisor.child");
        long forgotten = grantedTo(a);
        database.execute(
                "delete from mirrored_supervisor.child",
                "insert into mirrored_supervisor.child select * from public.as_it_was",
                SET_SEQUENCE_BACK);
        assertThat(grantedTo(b)).isGreaterThan(forgotten);
    }

    @Test
    void aChildThatTheDatabaseForgotStartsAboveItsOldTokens() {
        inserted("one");
        long forgotten = grantedTo(a);
        database.execute("delete from mirrored_supervisor.child", SET_SEQUENCE_BACK);
        assertThat(inserted("one").token()).isGreaterThan(forgotten);
    }

    /** How a row goes. */
    enum Deletion {
        REMOVED_BY_ITS_OWNER,
        DELETED,
        DELETED_AS_AN_ORPHAN,
        RESET_WITH_ITS_GROUP,
        TEMPORARY_OF_A_GROUP_THAT_BEGINS_ANEW
    }

    @ParameterizedTest
    @EnumSource
    void aChildThatIsCreatedAgainGoesOnAboveItsOldTokensThoughTheClockWasSetBack(Deletion deletion) {
        inserted("one");
        database.execute(LATER);
        ChildRow last = row(work, "one");
        delete(deletion, last);
        assertThat(work.rows(GROUP, Set.of("one"))).isEmpty();
        ChildRow again = inserted("one");
        assertThat(again.token()).isGreaterThan(last.token());
        assertThat(grantedTo(newcomer())).isGreaterThan(again.token());
    }

    private PeerId newcomer() {
        PeerId newcomer = PeerId.random();
        work.join(request(newcomer, Set.of("relay"), List.of()));
        return newcomer;
    }

    private void delete(Deletion deletion, ChildRow row) {
        OwnedToken expected = OwnedToken.of(row);
        switch (deletion) {
            case REMOVED_BY_ITS_OWNER ->
                assertThat(work.remove(GROUP, List.of(expected), "test")).isEmpty();
            case DELETED -> {
                stop(row);
                assertThat(work.delete(GROUP, expected, row.revision())).isTrue();
            }
            case DELETED_AS_AN_ORPHAN ->
                assertThat(work.deleteOrphan(GROUP, expected, row.revision())).isTrue();
            case RESET_WITH_ITS_GROUP -> joinAnew(OnEmptyGroup.RESET);
            case TEMPORARY_OF_A_GROUP_THAT_BEGINS_ANEW -> {
                database.execute("update mirrored_supervisor.child set is_static = true, restart = '"
                        + RestartType.TEMPORARY + "'");
                joinAnew(OnEmptyGroup.RECLAIM);
            }
        }
    }

    private void stop(ChildRow row) {
        work.report(
                GROUP,
                a,
                List.of(new PhaseReport(
                        row.id(), row.token(), Phase.STOPPED, 0, 0, null, null, row.revision(), null, null)),
                Set.of());
    }

    private void joinAnew(OnEmptyGroup onEmptyGroup) {
        work.leave(a);
        work.leave(b);
        GroupPolicies like = GroupPolicies.DEFAULT;
        GroupPolicies policies = new GroupPolicies(
                like.autoShutdown(), like.onIntensityExceeded(), onEmptyGroup, like.onStartFailure(), null);
        GroupSettings settings =
                new GroupSettings(GROUP, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Duration.ZERO, policies);
        work.join(new JoinRequest(
                c,
                new PeerRef(c, "label", "host", 1),
                TestStores.LEASE,
                Duration.ofMillis(500),
                List.of(new Membership(settings, Set.of("relay"), List.of()))));
    }

    /**
     * The statement that inserts takes the tokens first, and may then wait: here for one row that somebody else is
     * about to insert, while another row comes, is granted and goes.
     */
    @Test
    void anInsertThatWaitedForADeletionGetsATokenAboveTheDeletedOne() {
        try (RowHolder first = RowHolder.of(
                database,
                "insert into mirrored_supervisor.child (group_name, id, type, restart, kind)"
                        + " values ('orders', 'a', 'relay', 'PERMANENT', 'WORKER')")) {
            Background<List<ChildRow>> insert =
                    Background.call(() -> work().insert(GROUP, List.of(spec("a"), spec("one")), b));
            first.awaitWaiters(1);
            inserted("one");
            database.execute(LATER);
            ChildRow last = row(work, "one");
            database.execute("select setval('mirrored_supervisor.fencing_token', " + last.token() + ")");
            try (RowHolder deletion =
                    RowHolder.of(database, "delete from mirrored_supervisor.child where id = 'one'")) {
                first.rollback();
                deletion.awaitWaiters(1).commit();
            }
            assertThat(insert.result())
                    .filteredOn(row -> row.id().equals("one"))
                    .singleElement()
                    .satisfies(row -> {
                        assertThat(row.token()).isGreaterThan(last.token());
                        assertThat(row(work, "one").token()).isEqualTo(row.token());
                    });
        }
    }

    @Test
    void whoMayNotRaiseTheFloorDeletesAllTheSame() {
        Database login = Logins.login(database, "secret");
        database.execute(
                "grant usage on schema mirrored_supervisor to " + login.username(),
                "grant select, insert, update, delete on all tables in schema mirrored_supervisor to "
                        + login.username(),
                "grant usage on all sequences in schema mirrored_supervisor to " + login.username());
        WorkSession limited = opened(new PostgresStore(TestStores.settings(login)).openWork());
        ChildRow row = Objects.requireNonNull(limited.insert(GROUP, spec("one"), a));
        assertThat(limited.remove(GROUP, List.of(OwnedToken.of(row)), "test")).isEmpty();
        assertThat(limited.rows(GROUP, Set.of("one"))).isEmpty();
        assertThat(Objects.requireNonNull(limited.insert(GROUP, spec("one"), a)).token())
                .isGreaterThan(row.token());
    }

    @Test
    void whoKeepsTheLockOfTheFloorHoldsUpNoDeletion() {
        ChildRow row = inserted("one");
        database.execute(LATER);
        long last = row(work, "one").token();
        try (RowHolder stranger = RowHolder.of(database, "select pg_advisory_lock(1836282739, 1953457779)")) {
            OwnedToken expected = new OwnedToken("one", row.owner(), last);
            assertThat(work.remove(GROUP, List.of(expected), "test")).isEmpty();
            assertThat(work.rows(GROUP, Set.of("one"))).isEmpty();
            stranger.rollback();
        }
        assertThat(inserted("one").token()).isGreaterThan(last);
    }

    @Test
    void aGrantExceedsWhatThePeerHasHeardOf() {
        OwnedToken row = OwnedToken.of(inserted("one"));
        long heardOf = row.token() + 3_600_000_000L;
        OwnedToken expected = new OwnedToken("one", row.owner(), row.token(), heardOf, 0);
        assertThat(grant(work, b, List.of(expected)).get("one")).isGreaterThan(heardOf);
    }

    @Test
    void aGrantIsOfOneGroup() {
        inserted("one");
        database.execute(
                "insert into mirrored_supervisor.child (group_name, id, type, restart, kind, owner, fencing_token)"
                        + " select 'another', id, type, restart, kind, owner, fencing_token from mirrored_supervisor.child");
        grantedTo(b);
        assertThat(work.rows("another", Set.of("one")))
                .extracting(ChildRow::owner)
                .containsExactly(a);
    }

    /** Not its own next token, which is lower, but those of all others. */
    @Test
    void aDeletedRowWithATokenThatOnlyAHandCanHaveWrittenCostsNoOtherItsFloor() {
        inserted("one");
        inserted("edited");
        database.execute(
                LATER, "update mirrored_supervisor.child set fencing_token = 1::bigint << 60 where id = 'edited'");
        ChildRow last = row(work, "one");
        List<OwnedToken> both = List.of(OwnedToken.of(row(work, "edited")), OwnedToken.of(last));
        assertThat(work.remove(GROUP, both, "test")).isEmpty();
        assertThat(inserted("one").token()).isGreaterThan(last.token());
    }

    @Test
    void aFloorThatOnlyAHandCanHaveSetIsNotBelieved() {
        database.execute("select setval('mirrored_supervisor.fencing_token', 9223372036854775807)");
        long first = inserted("one").token();
        assertThat(grantedTo(a)).isGreaterThan(first).isLessThan(1L << 52);
        work.join(request(c, Set.of("relay"), List.of()));
        assertThat(grantedTo(c)).isLessThan(1L << 52);
    }

    private ChildRow inserted(String id) {
        return Objects.requireNonNull(work.insert(GROUP, spec(id), a));
    }

    private long grantedTo(PeerId peer) {
        Long token = grant(work, peer, expected(List.of(row(work, "one")))).get("one");
        return Objects.requireNonNull(token);
    }
}
