package io.github.mirroredsupervisor.autoconfigure.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.DedicatedPostgres;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CoordinatorTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final CoordinatorTiming QUICK = new CoordinatorTiming(
            Duration.ofMillis(200), Duration.ofSeconds(3), Duration.ofMillis(200), Duration.ofMillis(100));

    @Test
    void electsOneAndHandsOverWhenItStops() {
        Database database = TestPostgres.migratedDatabase();
        Coordinator first = coordinator(database, QUICK);
        Coordinator second = coordinator(database, QUICK);
        try {
            first.start();
            await().atMost(PATIENCE).until(() -> holder(database), holder -> !holder.isEmpty());
            String holder = holder(database);
            second.start();
            assertThat(holder(database)).isEqualTo(holder);

            first.stop();

            await().atMost(PATIENCE).until(() -> holder(database), now -> !now.isEmpty() && !now.equals(holder));
        } finally {
            first.stop();
            second.stop();
        }
        assertThat(holder(database)).isEmpty();
    }

    @Test
    void removesWhatNobodyNeeds() {
        Database database = TestPostgres.migratedDatabase();
        database.execute("""
                        INSERT INTO mirrored_supervisor.peer (id, state, lease_ms, stop_ms, label, host, pid, ended_at) VALUES
                          (gen_random_uuid(), 'DEAD', 1000, 1, 'old', 'h', 1, now() - interval '2 hours'),
                          (gen_random_uuid(), 'LEFT', 1000, 1, 'recent', 'h', 1, now()),
                          (gen_random_uuid(), 'ALIVE', 1000, 1, 'silent', 'h', 1, NULL);
                        INSERT INTO mirrored_supervisor.history (at, group_name, what) VALUES
                          (now() - interval '8 days', 'g', 'old'), (now(), 'g', 'recent');
                        INSERT INTO mirrored_supervisor.int_lock VALUES
                          ('gone', 'DEFAULT', 'gone', now() - interval '2 days', now() - interval '1 day');
                        """);
        Coordinator coordinator = coordinator(database, QUICK);
        try {
            coordinator.start();

            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(text(database, "SELECT string_agg(label, ' ' ORDER BY label) FROM mirrored_supervisor.peer"))
                        .isEqualTo("recent silent");
                assertThat(text(database, "SELECT string_agg(what, ' ') FROM mirrored_supervisor.history"))
                        .isEqualTo("recent");
                assertThat(text(database, "SELECT count(*) FROM mirrored_supervisor.int_lock WHERE lock_key = 'gone'"))
                        .isEqualTo("0");
            });
        } finally {
            coordinator.stop();
        }
    }

    @Test
    void mayBeStartedAgain() {
        Database database = TestPostgres.migratedDatabase();
        Coordinator coordinator = coordinator(database, QUICK);
        for (int round = 0; round < 2; round++) {
            coordinator.start();
            assertThat(coordinator.isRunning()).isTrue();
            await().atMost(PATIENCE).until(() -> !holder(database).isEmpty());
            coordinator.stop();
            assertThat(coordinator.isRunning()).isFalse();
            assertThat(holder(database)).isEmpty();
        }
    }

    @Test
    void startsAndStopsWhileTheDatabaseIsAwayAndRecovers() throws Exception {
        try (DedicatedPostgres server = new DedicatedPostgres()) {
            Database database = server.database().migrated();
            server.stopFast();
            Coordinator coordinator = coordinator(database, QUICK);
            try {
                assertThatCode(coordinator::start).doesNotThrowAnyException();
                server.start();
                await().atMost(PATIENCE).until(() -> !holder(database).isEmpty());
                server.stopFast();
            } finally {
                CountDownLatch stopped = new CountDownLatch(1);
                coordinator.stop(stopped::countDown);
                assertThat(stopped.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
            }
        }
    }

    @Test
    void costsNextToNothingAtRest() {
        Database database = TestPostgres.migratedDatabase();
        Coordinator leader = coordinator(database, CoordinatorTiming.AT_REST);
        Coordinator follower = coordinator(database, CoordinatorTiming.AT_REST);
        try {
            leader.start();
            await().atMost(PATIENCE).until(() -> !holder(database).isEmpty());
            follower.start();
            await().during(Duration.ofSeconds(3))
                    .atMost(PATIENCE)
                    .until(() -> sessions(database, "mirrored-supervisor coordinator") <= 1);
            assertThat(CoordinatorTiming.AT_REST.timeToLive())
                    .isGreaterThan(CoordinatorTiming.AT_REST.heartbeat().multipliedBy(3));
        } finally {
            leader.stop();
            follower.stop();
        }
    }

    private static Coordinator coordinator(Database database, CoordinatorTiming timing) {
        ConnectionSettings connection = TestStores.settings(database, Duration.ofSeconds(3));
        Store store = new PostgresStore(connection);
        return new Coordinator(connection, store, Duration.ofDays(7), timing);
    }

    private static String holder(Database database) {
        return text(database, "SELECT client_id FROM mirrored_supervisor.int_lock WHERE lock_key <> 'gone'");
    }

    private static int sessions(Database database, String name) {
        return Integer.parseInt(text(
                database,
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '"
                        + name + "'"));
    }

    private static String text(Database database, String sql) {
        return database.jdbc().sql(sql).query(String.class).optional().orElse("");
    }
}
