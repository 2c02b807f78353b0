package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.autoconfigure.schema.ImpatientDataSource;
import io.github.mirroredsupervisor.autoconfigure.schema.SupervisorSchemaMigrator;
import io.github.mirroredsupervisor.autoconfigure.schema.SupervisorSchemaMigrator.Timing;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A migration while another session locks a table and peers run: the migration waits, and the peers do not. */
class MigrationLockTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Longer than the peer's lease, which would expire if renewals waited that long. */
    private static final Duration LONGER_THAN_THE_LEASE = Duration.ofMillis(2500);

    private final Database database = TestPostgres.emptyDatabase();

    @Test
    void aMigrationThatWaitsForALockHoldsUpNoRenewal() {
        TestContexts.supervisor(database)
                .withUserConfiguration(Watched.class)
                .withPropertyValues("mirrored-supervisor.lease=1500ms")
                .run(context -> {
                    Watched watched = context.getBean(Watched.class);
                    await().atMost(PATIENCE).until(() -> watched.starts.get() == 1);

                    List<String> tables = tables();
                    assertThat(tables).hasSizeGreaterThan(5).contains("peer", "child");
                    for (int i = 0; i < tables.size(); i++) {
                        // The locks of a dump, a long read, a long write and an index build.
                        String mode = List.of("ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE")
                                .get(i % 4);
                        refusesToWaitFor(tables.get(i), mode);
                    }

                    assertThat(watched.events)
                            .doesNotHaveAnyElementsOfTypes(
                                    SupervisorEvent.PermissionLost.class, SupervisorEvent.PeerExpelled.class);
                    assertThat(watched.starts).hasValue(1);

                    migrator(LONGER_THAN_THE_LEASE).afterPropertiesSet();
                    assertThat(isMigrated()).isTrue();
                });
    }

    @Test
    void aMigrationGoesOnAsSoonAsTheLockIsReleased() {
        TestContexts.schema(database).run(context -> assertThat(context).hasNotFailed());
        try (RowHolder dump = RowHolder.of(database, "lock table mirrored_supervisor.peer in access share mode")) {
            Background<Boolean> migrating = Background.call(() -> {
                migrator(PATIENCE).afterPropertiesSet();
                return true;
            });
            dump.awaitWaiters(1);
            dump.rollback();

            assertThat(migrating.result()).isTrue();
        }
        assertThat(isMigrated()).isTrue();
    }

    @Test
    void aSessionOfTheApplicationWaitsAsLongAsBefore() throws Exception {
        DriverManagerDataSource plain =
                new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password());
        try (var connection = plain.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("set lock_timeout = '7s'");
            var pool = new org.springframework.jdbc.datasource.SingleConnectionDataSource(connection, true);

            try (var impatient = new ImpatientDataSource(pool, Duration.ofMillis(50)).getConnection();
                    var asking = impatient.createStatement();
                    var row = asking.executeQuery("show lock_timeout")) {
                row.next();
                assertThat(row.getString(1)).isEqualTo("50ms");
            }

            try (var row = statement.executeQuery("show lock_timeout")) {
                row.next();
                assertThat(row.getString(1)).isEqualTo("7s");
            }
        }
    }

    private void refusesToWaitFor(String table, String mode) {
        try (RowHolder holder = RowHolder.of(
                database,
                "lock table mirrored_supervisor." + table + " in " + mode.toLowerCase(java.util.Locale.ROOT)
                        + " mode")) {
            assertThatExceptionOfType(SupervisorStartException.class)
                    .as("%s on %s", mode, table)
                    .isThrownBy(() -> migrator(LONGER_THAN_THE_LEASE).afterPropertiesSet())
                    .satisfies(ex -> {
                        assertThat(ex.problem()).isEqualTo(Problem.SCHEMA_LOCKED);
                        assertThat(ex).hasMessageContainingAll(table, "Lock", "process");
                        assertThat(ex.action()).contains("pg_terminate_backend");
                    });
            holder.rollback();
        }
        assertThat(isMigrated()).isFalse();
    }

    /** The library's tables; a migration does not change Flyway's own. */
    private List<String> tables() {
        return database.jdbc()
                .sql("select table_name from information_schema.tables where table_schema = 'mirrored_supervisor'"
                        + " and table_name not like 'flyway%' order by 1")
                .query(String.class)
                .list();
    }

    private boolean isMigrated() {
        return database.jdbc()
                .sql("select exists (select from information_schema.columns"
                        + " where table_schema = 'mirrored_supervisor' and column_name = 'of_a_test')")
                .query(Boolean.class)
                .single();
    }

    private SupervisorSchemaMigrator migrator(Duration patience) {
        return new SupervisorSchemaMigrator(
                new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()),
                true,
                getClass().getClassLoader(),
                new Timing(patience, false),
                List.of("app/later"));
    }

    @Configuration(proxyBeanMethods = false)
    static class Watched {

        final AtomicInteger starts = new AtomicInteger();
        final List<SupervisorEvent> events = new CopyOnWriteArrayList<>();

        @Bean
        @MirroredChild("watched")
        ChildProcess child() {
            return (ChildContext context) -> {
                starts.incrementAndGet();
                context.sleep(Duration.ofHours(1));
            };
        }

        @EventListener
        void on(SupervisorEvent event) {
            events.add(event);
        }
    }
}
