package io.github.mirroredsupervisor.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.github.mirroredsupervisor.internal.platform.JvmPlatform;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.sessions.SessionHints;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.Proxy;
import io.github.mirroredsupervisor.testing.RecordedLog;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The work thread reports correctly whether the database answers. */
class StoreWorkerTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Database database = TestPostgres.migratedDatabase();

    @Test
    void onlyAnAnswerOfTheDatabaseIsTakenForOne() throws Exception {
        try (Proxy proxy = new Proxy(database);
                RecordedLog log = RecordedLog.of(StoreWorker.class.getName());
                StoreWorker work = StoreWorker.forOwnership(session(proxy), new JvmPlatform(), Runnable::run)) {
            proxy.freeze();
            work.submit(session -> session.group("orders"));
            await().atMost(PATIENCE).until(() -> said(log).size() == 1);
            run(work, session -> {});
            assertThat(said(log)).hasSize(1);

            proxy.cut();
            proxy.thaw();
            run(work, session -> {});
            assertThat(said(log)).hasSize(1);
            run(work, session -> session.group("orders"));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(said(log))
                            .hasSize(2)
                            .last()
                            .asString()
                            .contains("answers the work connection again"));
        }
    }

    @Test
    void aRefusalIsAnAnswer() throws Exception {
        try (Proxy proxy = new Proxy(database);
                RecordedLog log = RecordedLog.of(StoreWorker.class.getName());
                StoreWorker work = StoreWorker.forOwnership(session(proxy), new JvmPlatform(), Runnable::run)) {
            proxy.freeze();
            work.submit(session -> session.group("orders"));
            await().atMost(PATIENCE).until(() -> said(log).size() == 1);
            database.execute("alter table mirrored_supervisor.supervision_group rename to elsewhere");
            proxy.cut();
            proxy.thaw();
            run(work, session -> session.group("orders"));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(said(log)).hasSize(2));
        }
    }

    private static List<String> said(RecordedLog log) {
        return log.messages(Level.INFO);
    }

    /** Returns when the task and its report are done. */
    private static void run(StoreWorker work, Consumer<WorkSession> task) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        work.submit(task);
        work.submit(session -> over.countDown());
        assertThat(over.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private WorkSession session(Proxy proxy) {
        ConnectionSettings settings = TestStores.settings(proxy.jdbcUrl(), database, Duration.ofMillis(600));
        return new PostgresStore(settings, SessionHints.AUTO).openWork();
    }
}
