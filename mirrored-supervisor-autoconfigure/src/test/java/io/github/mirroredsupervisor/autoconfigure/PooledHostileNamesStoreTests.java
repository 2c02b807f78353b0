package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.testing.Proxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The same through a connection pooler, where no setting may outlive a transaction. */
class PooledHostileNamesStoreTests extends HostileNamesStoreTests {

    private static Proxy pooler;

    @BeforeAll
    static void poseAsPooler() {
        pooler = new Proxy(HostileDatabase.APPLICATION);
        pooler.poseAsPooler();
    }

    @AfterAll
    static void closePooler() {
        pooler.close();
    }

    @Override
    protected Store store() {
        return new PostgresStore(settings(pooler.jdbcUrl()));
    }
}
