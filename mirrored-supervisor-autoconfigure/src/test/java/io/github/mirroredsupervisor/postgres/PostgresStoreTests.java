package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.mirror.Store;
import io.github.mirroredsupervisor.mirror.StoreContract;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;

/** The contract of every store, on PostgreSQL. */
class PostgresStoreTests extends StoreContract {

    private final Database database = TestPostgres.clearedDatabase(PostgresStoreTests.class);

    @Override
    protected Store store() {
        return new PostgresStore(TestStores.settings(database));
    }
}
