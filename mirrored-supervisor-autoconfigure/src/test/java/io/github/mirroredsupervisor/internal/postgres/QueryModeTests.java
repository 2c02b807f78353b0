package io.github.mirroredsupervisor.internal.postgres;

import io.github.mirroredsupervisor.contract.StoreContract;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import org.junit.jupiter.api.Nested;

/** The contract of every store with what applications set in their URLs. */
class QueryModeTests {

    private static Store store(Database database, String parameters) {
        return new PostgresStore(TestStores.settings(database.jdbcUrl() + parameters, database, TestStores.LEASE));
    }

    /** As for poolers that know no prepared statements. */
    @Nested
    class Simple extends StoreContract {

        private final Database database = TestPostgres.clearedDatabase(Simple.class);

        @Override
        protected Store store() {
            return QueryModeTests.store(database, "?preferQueryMode=simple");
        }
    }

    /** Everything else that may be said of statements and results. */
    @Nested
    class Everything extends StoreContract {

        private final Database database = TestPostgres.clearedDatabase(Everything.class);

        @Override
        protected Store store() {
            return QueryModeTests.store(
                    database,
                    "?currentSchema=other&stringtype=unspecified&prepareThreshold=0&reWriteBatchedInserts=true"
                            + "&binaryTransfer=false&preparedStatementCacheQueries=0&defaultRowFetchSize=1"
                            + "&autosave=always&disableColumnSanitiser=true&maxResultBuffer=1K&assumeMinServerVersion=14"
                            + "&groupStartupParameters=true&sslmode=disable&preferQueryMode=extendedCacheEverything"
                            + "&options=-c%20statement_timeout%3D5s%20-c%20DateStyle%3DSQL%2CDMY"
                            + "%20-c%20default_transaction_isolation%3Dserializable");
        }
    }
}
