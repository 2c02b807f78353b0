package io.github.mirroredsupervisor.internal.postgres;

import io.github.mirroredsupervisor.contract.StoreRaceContract;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;

/**
 * The races of every store, on PostgreSQL: a connection for each, which has been used before, and one signal for all to
 * begin.
 */
class PostgresStoreRaceTests extends StoreRaceContract {

    private final Database database = TestPostgres.clearedDatabase(PostgresStoreRaceTests.class);
    private final List<Sessions> contestants =
            Stream.generate(() -> Sessions.of(store())).limit(3).toList();

    @Override
    protected Store store() {
        return new PostgresStore(TestStores.settings(database));
    }

    @AfterEach
    void close() {
        contestants.forEach(Sessions::close);
    }

    @Override
    protected int rounds() {
        return 1;
    }

    @Override
    protected List<Boolean> meet(Scene scene, List<Step> steps) {
        CyclicBarrier begin = new CyclicBarrier(steps.size());
        List<Background<Boolean>> running = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            Sessions on = contestants.get(i);
            running.add(Background.call(() -> {
                begin.await();
                return step.take(scene, on);
            }));
        }
        return running.stream().map(Background::result).toList();
    }
}
