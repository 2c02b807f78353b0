package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.contract.StoreContract;
import io.github.mirroredsupervisor.contract.StoreFixture;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract of every store, on PostgreSQL. */
class PostgresStoreTests extends StoreContract {

    private final Database database = TestPostgres.clearedDatabase(PostgresStoreTests.class);

    @Override
    protected Store store() {
        return new PostgresStore(TestStores.settings(database));
    }

    @Nested
    class Forgetful extends StoreFixture {

        @Override
        protected Store store() {
            return PostgresStoreTests.this.store();
        }

        /** Protocol rule 11b: another peer may own the child by now, by what was forgotten. */
        @Test
        void aDatabaseThatHasForgottenARenewalHandsNothingOver() {
            join(a);
            join(b);
            insert("one", a);
            renewals.renew(a);
            renewals.renew(a);
            renewed(a, 1);
            assertThat(work.release(GROUP, List.of(owned("one")), b)).isEmpty();
            assertThat(row("one").owner()).isEqualTo(a);
            renewed(a, 2);
            assertThat(work.release(GROUP, List.of(owned("one")), b)).containsExactly("one");
        }

        @Test
        void aDatabaseThatHasForgottenARenewalGrantsNothing() {
            join(a);
            join(b);
            insert("one", b);
            renewals.renew(a);
            renewals.renew(a);
            renewed(a, 1);
            assertThat(granted(a, owned("one"))).isEmpty();
            renewed(a, 2);
            assertThat(granted(a, owned("one"))).containsOnlyKeys("one");
        }

        private Map<String, Long> granted(PeerId to, OwnedToken expected) {
            return work.grant(GROUP, to, List.of(expected), StartCause.FAILED_OVER, Map.of());
        }

        @Test
        void aDatabaseThatHasForgottenARenewalDeclaresNobodyDead() {
            join(a);
            join(b);
            renewals.renew(a);
            Heartbeat last = renewals.renew(a).peers().get(0).last();
            renewed(a, 1);
            assertThat(work.certify(a, b, last)).isFalse();
            renewed(a, 2);
            assertThat(work.certify(a, b, last)).isTrue();
        }

        private OwnedToken owned(String id) {
            return new OwnedToken(id, row(id).owner(), row(id).token());
        }

        private void renewed(PeerId peer, long times) {
            database.jdbc()
                    .sql("update mirrored_supervisor.peer set renew_seq = ? where id = ?")
                    .params(times, peer.value())
                    .update();
        }
    }
}
