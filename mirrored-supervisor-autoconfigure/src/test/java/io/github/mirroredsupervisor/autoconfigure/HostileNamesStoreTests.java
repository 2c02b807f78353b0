package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.contract.StoreContract;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.testing.TestStores;
import org.junit.jupiter.api.AfterEach;

/**
 * The contract of every store where names in statements are found in somebody else's code before they are found among
 * the built-ins.
 */
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
