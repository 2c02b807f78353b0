package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.contract.StoreContract;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.testing.TestStores;
import org.junit.jupiter.api.AfterEach;

/** The store's contract in a database where names in statements resolve to another role's code before the built-ins. */
class HostileNamesStoreTests extends StoreContract {

    HostileNamesStoreTests() {
        HostileDatabase.clear();
        HostileDatabase.PLANTED.forget();
    }

    @Override
    protected Store store() {
        return new PostgresStore(settings(HostileDatabase.APPLICATION.jdbcUrl()));
    }

    static ConnectionSettings settings(String url) {
        return TestStores.settings(url, HostileDatabase.APPLICATION, TestStores.LEASE);
    }

    @AfterEach
    void nobodysCodeWasCalled() {
        assertThat(HostileDatabase.PLANTED.called()).isEmpty();
    }
}
