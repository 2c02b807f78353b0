package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.RowHolder;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every order of renewal, certificate and leave (protocol rules 2, 4, 9; faults I1, I2, I10, I17). */
class PeerRaceTests extends StoreTest {

    private static final String RENEW =
            "update mirrored_supervisor.peer set renew_seq = renew_seq + 1, last_renewed_at = clock_timestamp() where id = ?";
    private static final String KILL =
            "update mirrored_supervisor.peer set state = 'DEAD', ended_at = clock_timestamp() where id = ?";
    private static final String LEAVE =
            "update mirrored_supervisor.peer set state = 'LEFT', ended_at = clock_timestamp() where id = ?";
    private static final String DELETE = "delete from mirrored_supervisor.peer where id = ?";

    /** As a restore does: in one transaction, the row goes and an older copy of it comes. */
    private static final String REPLACE = """
            with gone as (delete from mirrored_supervisor.peer where id = ? returning *)
            insert into mirrored_supervisor.peer (id, label, host, pid, lease_ms, stop_ms, join_order)
            select id, label, host, pid, lease_ms, stop_ms, join_order from gone
            """;

    private static final String HOLD = "select from mirrored_supervisor.peer where id = ? for update";

    @Test
    void aCertificateBehindARenewalInFlightFails() {
        join(a, b);
        Heartbeat timed = last(b);
        try (RowHolder renewal = RowHolder.of(database, RENEW, b.value())) {
            Background<Boolean> certificate = Background.call(() -> work().certify(a, b, timed));
            renewal.awaitWaiters(1).commit();
            assertThat(certificate.result()).isFalse();
        }
        assertThat(state(b)).isEqualTo(PeerState.ALIVE);
    }

    @Test
    void aCertificateBehindARenewalThatIsRolledBackIsWritten() {
        join(a, b);
        Heartbeat timed = last(b);
        try (RowHolder renewal = RowHolder.of(database, RENEW, b.value())) {
            Background<Boolean> certificate = Background.call(() -> work().certify(a, b, timed));
            renewal.awaitWaiters(1).rollback();
            assertThat(certificate.result()).isTrue();
        }
        assertThat(state(b)).isEqualTo(PeerState.DEAD);
    }

    @Test
    void aRenewalBehindACertificateInFlightLearnsOfItsDeath() {
        join(a, b);
        try (RowHolder certificate = RowHolder.of(database, KILL, b.value())) {
            Background<Renewal> renewal = Background.call(() -> renewals().renew(b));
            certificate.awaitWaiters(1).commit();
            assertThat(renewal.result().renewed()).isFalse();
        }
    }

    /** The read of the own row is then older than the wait for its lock, and still shows it (protocol rule 11b). */
    @Test
    void aRenewalBehindADeletionLearnsThatItsRowIsGone() {
        join(a, b);
        try (RowHolder deletion = RowHolder.of(database, DELETE, b.value())) {
            Background<Renewal> renewal = Background.call(() -> renewals().renew(b));
            deletion.awaitWaiters(1).commit();
            assertThat(renewal.result().isUnknown()).isTrue();
        }
    }

    @Test
    void aRenewalBehindACertificateIsNotUnknown() {
        join(a, b);
        try (RowHolder certificate = RowHolder.of(database, KILL, b.value())) {
            Background<Renewal> renewal = Background.call(() -> renewals().renew(b));
            certificate.awaitWaiters(1).commit();
            assertThat(renewal.result().isUnknown()).isFalse();
        }
    }

    @Test
    void aRenewalBehindAnOlderCopyOfItsRowShowsTheCounterOfTheCopy() {
        join(a, b);
        RenewalSession session = renewals();
        for (int i = 0; i < 3; i++) {
            session.renew(b);
        }
        long before = last(b).seq();
        try (RowHolder restore = RowHolder.of(database, REPLACE, b.value())) {
            Background<Renewal> renewal = Background.call(() -> session.renew(b));
            restore.awaitWaiters(1).commit();
            assertThat(renewal.result().renewed()).isTrue();
            assertThat(renewal.result().seq()).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void aRenewalBehindACertificateThatIsRolledBackRenews() {
        join(a, b);
        long before = last(b).seq();
        try (RowHolder certificate = RowHolder.of(database, KILL, b.value())) {
            Background<Renewal> renewal = Background.call(() -> renewals().renew(b));
            certificate.awaitWaiters(1).rollback();
            assertThat(renewal.result().renewed()).isTrue();
        }
        assertThat(last(b).seq()).isEqualTo(before + 1);
    }

    @Test
    void anAccuserThatIsDyingAccusesNobody() {
        join(a, b);
        Heartbeat timed = last(b);
        try (RowHolder certificate = RowHolder.of(database, KILL, a.value())) {
            Background<Boolean> accusation = Background.call(() -> work().certify(a, b, timed));
            certificate.awaitWaiters(1).commit();
            assertThat(accusation.result()).isFalse();
        }
        assertThat(state(b)).isEqualTo(PeerState.ALIVE);
    }

    @Test
    void whoIsLeavingIsNotDeclaredDead() {
        join(a, b);
        Heartbeat timed = last(b);
        try (RowHolder leave = RowHolder.of(database, LEAVE, b.value())) {
            Background<Boolean> certificate = Background.call(() -> work().certify(a, b, timed));
            leave.awaitWaiters(1).commit();
            assertThat(certificate.result()).isFalse();
        }
        assertThat(state(b)).isEqualTo(PeerState.LEFT);
    }

    @Test
    void whoIsBeingDeclaredDeadDoesNotLeave() {
        join(a, b);
        try (RowHolder certificate = RowHolder.of(database, KILL, b.value())) {
            Background<Boolean> leave = Background.call(() -> {
                work().leave(b);
                return true;
            });
            certificate.awaitWaiters(1).commit();
            leave.result();
        }
        assertThat(state(b)).isEqualTo(PeerState.DEAD);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoeverAccusesWhomTheRowsAreLockedInTheOrderOfTheirIds(boolean first) {
        join(a, b);
        boolean inOrder = a.value().toString().compareTo(b.value().toString()) < 0;
        PeerId lesser = inOrder ? a : b;
        PeerId greater = inOrder ? b : a;
        PeerId me = first ? lesser : greater;
        PeerId victim = first ? greater : lesser;
        Heartbeat timed = last(victim);
        try (RowHolder holder = RowHolder.of(database, HOLD, greater.value())) {
            Background<Boolean> certificate = Background.call(() -> work().certify(me, victim, timed));
            holder.awaitWaiters(1);
            assertThat(isLocked(lesser)).isTrue();
            holder.commit();
            assertThat(certificate.result()).isTrue();
        }
    }

    private boolean isLocked(PeerId peer) {
        return database.jdbc()
                .sql("select from mirrored_supervisor.peer where id = ? for no key update skip locked")
                .param(peer.value())
                .query((row, number) -> peer)
                .list()
                .isEmpty();
    }

    @Test
    void ofTwoThatAccuseEachOtherOneDies() {
        join(a, b);
        PeerId first = a.value().toString().compareTo(b.value().toString()) < 0 ? a : b;
        try (RowHolder holder = RowHolder.of(database, HOLD, first.value())) {
            Background<Boolean> one = Background.call(() -> work().certify(a, b, last(b)));
            Background<Boolean> other = Background.call(() -> work().certify(b, a, last(a)));
            holder.awaitWaiters(2).commit();
            assertThat(List.of(one.result(), other.result())).containsExactlyInAnyOrder(true, false);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void ofSeveralThatAccuseEachOtherAtOnceOneSurvives(int size) {
        for (int round = 0; round < 15; round++) {
            List<PeerId> peers =
                    IntStream.range(0, size).mapToObj(i -> PeerId.random()).toList();
            join(peers.toArray(PeerId[]::new));
            List<Background<Boolean>> accusations = peers.stream()
                    .flatMap(me -> peers.stream()
                            .filter(victim -> !victim.equals(me))
                            .map(victim -> Background.call(() -> work().certify(me, victim, last(victim)))))
                    .toList();
            long deaths = accusations.stream().filter(Background::result).count();

            assertThat(deaths).isEqualTo(size - 1L);
            assertThat(peers).filteredOn(peer -> state(peer) == PeerState.ALIVE).hasSize(1);
        }
    }

    @Test
    void ofTwoObserversOneWritesTheCertificate() {
        join(a, b, c);
        Heartbeat timed = last(c);
        try (RowHolder holder = RowHolder.of(database, HOLD, c.value())) {
            Background<Boolean> one = Background.call(() -> work().certify(a, c, timed));
            Background<Boolean> other = Background.call(() -> work().certify(b, c, timed));
            holder.awaitWaiters(2).commit();
            assertThat(List.of(one.result(), other.result())).containsExactlyInAnyOrder(true, false);
        }
    }

    /** Other updates are not: the end of a peer changes an index. */
    @Test
    void renewalsAreHeapOnlyUpdates() {
        join(a);
        try (var session = store().openRenewals()) {
            session.renew(a);
        }
        await().untilAsserted(() -> assertThat(updates("n_tup_upd")).isPositive());
        long before = updates("n_tup_upd") - updates("n_tup_hot_upd");
        long all = updates("n_tup_upd");
        try (var session = store().openRenewals()) {
            for (int i = 0; i < 600; i++) {
                session.renew(a);
            }
        }
        await().untilAsserted(() -> assertThat(updates("n_tup_upd")).isGreaterThanOrEqualTo(all + 600));
        assertThat(updates("n_tup_upd") - updates("n_tup_hot_upd") - before)
                .as("updates that were not heap-only")
                .isLessThan(600 * 5 / 100);
        assertThat(database.jdbc()
                        .sql("select pg_relation_size('mirrored_supervisor.peer')")
                        .query(Long.class)
                        .single())
                .isLessThanOrEqualTo(4 * 8192);
    }

    private long updates(String counter) {
        return database.jdbc()
                .sql("select " + counter + " from pg_stat_user_tables where relname = 'peer'")
                .query(Long.class)
                .single();
    }

    private Heartbeat last(PeerId peer) {
        return database.jdbc()
                .sql("select renew_seq, (extract(epoch from last_renewed_at) * 1000000)::bigint as at"
                        + " from mirrored_supervisor.peer where id = ?")
                .param(peer.value())
                .query((row, number) -> new Heartbeat(row.getLong("renew_seq"), row.getLong("at")))
                .single();
    }

    private PeerState state(PeerId peer) {
        return PeerState.valueOf(database.jdbc()
                .sql("select state from mirrored_supervisor.peer where id = ?")
                .param(peer.value())
                .query(String.class)
                .single());
    }

    private void join(PeerId... peers) {
        for (PeerId peer : peers) {
            work().join(request(peer, Set.of("relay"), List.of()));
        }
    }
}
