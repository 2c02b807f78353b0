package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.contract.StoreContract;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.OwnedToken;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract of every store, on PostgreSQL. */
class PostgresStoreTests extends StoreContract {

    private final Database database = TestPostgres.clearedDatabase(PostgresStoreTests.class);

    @Override
    protected Store store() {
        return new PostgresStore(TestStores.settings(database));
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
