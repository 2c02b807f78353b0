package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.PeerBeat;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.DedicatedPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A server that is not the primary any more, but runs on and keeps the sessions that it has. */
class TwoPrimariesTests {

    private static final String KEEPS_ITS_SESSIONS_ONLY = "alter database postgres allow_connections false";

    private static final String END_OF_RENEWALS = """
            select pg_terminate_backend(pid) from pg_stat_activity
            where application_name like 'mirrored-supervisor renew %'
            """;

    private final PeerId me = PeerId.random();
    private final PeerId other = PeerId.random();

    @Test
    void nothingIsDeclaredOnAServerThatDoesNotRenew() {
        try (DedicatedPostgres former = new DedicatedPostgres();
                DedicatedPostgres present = new DedicatedPostgres()) {
            joinedOn(former.database());
            joinedOn(present.database());
            Database maintenance = maintenance(former.database());
            PostgresStore store = new PostgresStore(TestStores.settings(
                    urlOf(former.database(), present.database()), former.database(), TestStores.LEASE));
            try (WorkSession work = store.openWork();
                    RenewalSession renewals = store.openRenewals();
                    NotificationSession hints = store.openHints(Set.of("orders"))) {
                String first = renewals.renew(me).server();
                assertThat(work.group(StoreTest.GROUP)).isPresent();
                hints.await(me, Duration.ofSeconds(10));

                maintenance.execute(KEEPS_ITS_SESSIONS_ONLY, END_OF_RENEWALS);
                Renewal renewal = await().ignoreExceptions().until(() -> renewals.renew(me), Renewal::renewed);
                assertThat(renewal.server()).isNotEqualTo(first);

                PeerBeat beat = renewal.peers().get(0);
                assertThat(work.certify(me, other, beat.last())).isTrue();
                assertThatThrownBy(() -> hints.await(me, Duration.ofSeconds(10)))
                        .isInstanceOf(StoreUnavailableException.class);
                assertThat(hints.await(me, Duration.ofSeconds(10))).containsExactly(Hint.EVERYTHING);
            }
            maintenance.execute("alter database postgres allow_connections true");
            assertThat(stateOfOther(present.database())).isEqualTo("DEAD");
            assertThat(stateOfOther(former.database())).isEqualTo("ALIVE");
        }
    }

    private void joinedOn(Database database) {
        PostgresStore store = new PostgresStore(TestStores.settings(database.migrated()));
        try (WorkSession work = store.openWork()) {
            work.join(StoreTest.request(me, Set.of("relay"), List.of()));
            work.join(StoreTest.request(other, Set.of("relay"), List.of()));
        }
    }

    private String stateOfOther(Database database) {
        return database.jdbc()
                .sql("select state from mirrored_supervisor.peer where id = :id")
                .param("id", other.value())
                .query(String.class)
                .single();
    }

    /** Another database of the same server, from which this one can be closed. */
    private static Database maintenance(Database database) {
        return new Database(
                database.jdbcUrl().replace("/postgres", "/template1"), database.username(), database.password());
    }

    private static String urlOf(Database first, Database second) {
        String prefix = "jdbc:postgresql://";
        String host = second.jdbcUrl().substring(prefix.length()).replaceFirst("/.*", "");
        return first.jdbcUrl().replaceFirst("/postgres", "," + host + "/postgres");
    }
}
