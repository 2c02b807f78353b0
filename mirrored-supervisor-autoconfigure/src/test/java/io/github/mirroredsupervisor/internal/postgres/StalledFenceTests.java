package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.internal.postgres.children.ChildFence;
import io.github.mirroredsupervisor.internal.postgres.children.StalledFences;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.RecordedLog;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestStores;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Fenced transactions that stand still between their check and their commit, and keep the child's row (faults F5, I8).
 */
class StalledFenceTests extends StoreTest {

    private static final Duration LEASE = Duration.ofMillis(600);

    private static final String KILL =
            "update mirrored_supervisor.peer set state = 'DEAD', ended_at = clock_timestamp() where id = ?";

    private static final String HOLD =
            "select from mirrored_supervisor.child where group_name = 'orders' and id = 'one' for share";

    private WorkSession work;

    @BeforeEach
    void declare() {
        work = opened(new PostgresStore(TestStores.settings(database, LEASE)).openWork());
        work.join(request(a, Set.of("relay"), List.of(spec("one"), spec("two"))));
        work.join(request(b, Set.of("relay"), List.of()));
        work.join(request(c, Set.of("relay"), List.of()));
        grant(work, a, expected(List.of(row(work, "one"))));
        grant(work, c, expected(List.of(row(work, "two"))));
    }

    @Test
    void p2ADeadPeersTransactionThatStandsStillIsEndedAndCommitsNothing() {
        try (Stalled stalled = stalled(a, "one", Duration.ofMinutes(1))) {
            kill(a);
            assertThat(grant(work, b, owned("one"))).containsOnlyKeys("one");
            assertThat(stalled.isAlive()).isFalse();
            assertThatThrownBy(stalled::commit).isInstanceOf(SQLException.class);
        }
        assertThat(row(work, "one").owner()).isEqualTo(b);
    }

    @Test
    void p2ALivePeersTransactionIsLeftAlone() {
        try (Stalled stalled = stalled(a, "one", Duration.ofMinutes(1))) {
            assertThat(grant(work, b, owned("one"))).isEmpty();
            assertThat(stalled.isAlive()).isTrue();
            stalled.commit();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        assertThat(grant(work, b, owned("one"))).containsOnlyKeys("one");
    }

    @Test
    void p2OfTwoPeersTransactionsOnlyTheDeadOnesIsEnded() throws SQLException {
        try (Stalled dead = stalled(a, "one", Duration.ofMinutes(1));
                Stalled live = stalled(c, "two", Duration.ofMinutes(1))) {
            kill(a);
            assertThat(grant(work, b, owned("one", "two"))).containsOnlyKeys("one");
            assertThat(dead.isAlive()).isFalse();
            assertThat(live.isAlive()).isTrue();
            live.commit();
        }
    }

    @Test
    void p2ASessionThatIsNotTaggedIsLeftAlone() {
        kill(a);
        try (RowHolder somebody = RowHolder.of(database, HOLD)) {
            assertThat(grant(work, b, owned("one"))).isEmpty();
            somebody.commit();
        }
        assertThat(grant(work, b, owned("one"))).containsOnlyKeys("one");
    }

    @Test
    void p2ADeadPeersTransactionThatHoldsUpNothingIsLeftToTheServer() throws SQLException {
        try (Stalled unchecked = entered(a, Duration.ofMinutes(1));
                RowHolder somebody = RowHolder.of(database, HOLD)) {
            kill(a);
            assertThat(grant(work, b, owned("one"))).isEmpty();
            assertThat(unchecked.isAlive()).isTrue();
            somebody.commit();
        }
    }

    @Test
    void p2WithoutTheRightTheServersOwnBoundLetsTheAdoptionPass() {
        String role = "supervisor_of_" + database.name();
        for (String sql : List.of(
                "do $$ begin if to_regrole('ROLE') is null then create role ROLE login password 'ROLE'; end if; end $$",
                "grant usage on schema mirrored_supervisor to ROLE",
                "grant all on all tables in schema mirrored_supervisor to ROLE",
                "grant all on all sequences in schema mirrored_supervisor to ROLE")) {
            database.execute(sql.replace("ROLE", role));
        }
        WorkSession limited = opened(
                new PostgresStore(TestStores.settings(new Database(database.jdbcUrl(), role, role), LEASE)).openWork());
        try (RecordedLog log = RecordedLog.of(StalledFences.class.getName());
                Stalled stalled = stalled(a, "one", LEASE.multipliedBy(5))) {
            kill(a);
            List<OwnedToken> expected = owned("one");
            assertThat(grant(limited, b, expected)).isEmpty();
            assertThat(stalled.isAlive()).isTrue();

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(grant(limited, b, expected)).containsOnlyKeys("one"));

            assertThat(stalled.isAlive()).isFalse();
            assertThat(log.messages(Level.ERROR)).isEmpty();
            assertThat(log.messages(Level.WARN)).singleElement().asString().contains("pg_signal_backend");
        }
    }

    private void kill(PeerId peer) {
        database.jdbc().sql(KILL).param(peer.value()).update();
    }

    private List<OwnedToken> owned(String... ids) {
        return expected(work.rows(GROUP, Set.of(ids)));
    }

    private Stalled entered(PeerId owner, Duration idleLimit) {
        return new Stalled(owner, row(work, "one"), idleLimit);
    }

    private Stalled stalled(PeerId owner, String child, Duration idleLimit) {
        Stalled stalled = new Stalled(owner, row(work, child), idleLimit);
        assertThat(stalled.fence.holds(stalled.run)).isTrue();
        return stalled;
    }

    /** An application's session in the middle of a fenced transaction. */
    private final class Stalled implements AutoCloseable {

        private final Connection connection = database.connect();

        private final ChildFence fence;

        private final ChildRef run;

        private final int backend;

        Stalled(PeerId owner, ChildRow row, Duration idleLimit) {
            fence = new ChildFence(
                    new SingleConnectionDataSource(connection, true), TestStores.settings(database), idleLimit);
            run = new ChildRef(GROUP, row.id(), row.token(), new PeerRef(owner, "label", "host", 1));
            try {
                connection.setAutoCommit(false);
                backend = connection.unwrap(PGConnection.class).getBackendPID();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            fence.enter(run);
        }

        boolean isAlive() {
            return database.jdbc()
                    .sql("select exists (select from pg_stat_activity where pid = ?)")
                    .param(backend)
                    .query(Boolean.class)
                    .single();
        }

        void commit() throws SQLException {
            connection.commit();
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
