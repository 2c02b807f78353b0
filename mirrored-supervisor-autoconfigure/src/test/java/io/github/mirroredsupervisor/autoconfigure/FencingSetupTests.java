package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.FencingUnavailableException;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** Applications in which a transaction cannot be fenced. None of them writes, and the exception says what to change. */
class FencingSetupTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Database database = TestPostgres.clearedDatabase(FencingSetupTests.class);

    /** A supervisor with its own connection settings, whatever the application uses. */
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    SupervisorSchemaAutoConfiguration.class,
                    MirroredSupervisorAutoConfiguration.class,
                    SupervisorFencingAutoConfiguration.class))
            .withPropertyValues(
                    "mirrored-supervisor.datasource.url=" + database.jdbcUrl(),
                    "mirrored-supervisor.datasource.username=" + database.username(),
                    "mirrored-supervisor.datasource.password=" + database.password())
            .withUserConfiguration(Writer.class);

    @Test
    void p2WithoutATransactionManagerEverythingWorksButFencedTransactions() {
        runner.run(context -> refused(context, "no transaction manager", "spring-boot-starter-jdbc"));
    }

    @Test
    void p2WithoutSpringOrmEverythingWorks() {
        with(database)
                .withClassLoader(new FilteredClassLoader("org.springframework.orm", "jakarta.persistence"))
                .run(context -> assertThat(writer(context).does(child -> child.inFencedTransaction(() -> 42)))
                        .isEqualTo(42));
    }

    @Test
    void p2OfSeveralTransactionManagersOneHasToBeNamedOrPrimary() {
        ApplicationContextRunner several = with(database)
                .withBean("other", PlatformTransactionManager.class, () -> new JdbcTransactionManager(on(database)));

        several.run(context -> refused(context, "several transaction managers, [application, other]", "@Primary"));
        several.withPropertyValues("mirrored-supervisor.fencing.transaction-manager=other")
                .run(context -> assertThat(writer(context).does(child -> child.inFencedTransaction(() -> 42)))
                        .isEqualTo(42));
        runner.withBean("other", PlatformTransactionManager.class, () -> new JdbcTransactionManager(on(database)))
                .withBean(
                        "main",
                        PlatformTransactionManager.class,
                        () -> new JdbcTransactionManager(on(database)),
                        definition -> definition.setPrimary(true))
                .run(context -> assertThat(writer(context).does(child -> child.inFencedTransaction(() -> 42)))
                        .isEqualTo(42));
    }

    @Test
    void p2ATransactionManagerThatIsNotThereIsNotedAtTheStart() {
        with(database)
                .withPropertyValues("mirrored-supervisor.fencing.transaction-manager=orders")
                .run(context -> {
                    assertThat(context).hasFailed();
                    assertThat(context.getStartupFailure())
                            .rootCause()
                            .isInstanceOfSatisfying(SupervisorStartException.class, e -> {
                                assertThat(e.problem()).isEqualTo(Problem.UNKNOWN_TRANSACTION_MANAGER);
                                assertThat(e).hasMessageContaining("'orders'");
                                assertThat(e.action()).contains("[application]");
                            });
                });
    }

    @Test
    void p2ATransactionManagerWithoutADataSourceCannotBeFenced() {
        runner.withBean("application", PlatformTransactionManager.class, QueueTransactionManager::new)
                .run(context -> refused(context, "QueueTransactionManager", "which data source"));
    }

    @Test
    void p2ATransactionManagerWithoutSynchronizationCannotBeFenced() {
        JdbcTransactionManager silent = new JdbcTransactionManager(on(database));
        silent.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
        runner.withBean("application", PlatformTransactionManager.class, () -> silent)
                .run(context -> refused(context, "without transaction synchronization", "SYNCHRONIZATION_ALWAYS"));
    }

    @Test
    void p2AnotherDatabaseIsTakenForNeitherAStaleRunNorAPresentOne() {
        Database empty = TestPostgres.emptyDatabase();
        with(empty).run(context -> refused(context, empty.jdbcUrl(), database.jdbcUrl(), "not the same database"));

        // It has the same tables, and the same row of the child.
        Database copy = TestPostgres.migratedDatabase();
        with(copy).run(context -> {
            ScriptedChild writer = writer(context);
            copyChild(copy);
            refused(context, copy.jdbcUrl(), database.jdbcUrl(), "transaction-manager", "datasource.url");
            assertThat(writer.lastRun().isStopping()).isFalse();
        });
    }

    private void copyChild(Database copy) {
        copy.execute(
                "insert into mirrored_supervisor.supervision_group values ('application', 'ACTIVE', 'ONE_FOR_ONE', 1, 1)");
        var row = database.jdbc()
                .sql("select owner, fencing_token from mirrored_supervisor.child where id = 'writer'")
                .query()
                .singleRow();
        copy.jdbc()
                .sql("insert into mirrored_supervisor.child (group_name, id, type, restart, kind, owner, fencing_token)"
                        + " values ('application', 'writer', 'writer', 'PERMANENT', 'WORKER', ?, ?)")
                .params(row.get("owner"), row.get("fencing_token"))
                .update();
    }

    @Test
    void p2ADatabaseThatIsNotPostgresIsNamed() {
        withDataSource(new DriverManagerDataSource("jdbc:h2:mem:fencing"))
                .run(context -> refused(context, "jdbc:h2:mem:fencing", database.jdbcUrl()));
    }

    @Test
    void p2ARoleThatMayNotLockTheRowIsToldWhichRightsItNeeds() {
        String role = "reader_of_" + database.name();
        database.execute(
                "do $$ begin if to_regrole('ROLE') is null then create role ROLE login password 'ROLE'; end if; end $$"
                        .replace("ROLE", role));
        DriverManagerDataSource reader = new DriverManagerDataSource(database.jdbcUrl(), role, role);
        withDataSource(reader).run(context -> refused(context, "usage on schema", "select and update"));

        database.execute(
                "grant usage on schema mirrored_supervisor to " + role,
                "grant select on all tables in schema mirrored_supervisor to " + role);
        withDataSource(reader)
                .run(context -> assertThatThrownBy(() -> writer(context).does(run -> run.inFencedTransaction(() -> 42)))
                        .isInstanceOf(FencingUnavailableException.class)
                        .hasMessageContaining("select and update"));

        database.execute("grant update on mirrored_supervisor.child to " + role);
        withDataSource(reader)
                .run(context -> assertThat(writer(context).does(child -> child.inFencedTransaction(() -> 42)))
                        .isEqualTo(42));
    }

    private ApplicationContextRunner with(Database application) {
        return withDataSource(on(application));
    }

    private ApplicationContextRunner withDataSource(DataSource application) {
        return runner.withBean("dataSource", DataSource.class, () -> application)
                .withBean(
                        "application", PlatformTransactionManager.class, () -> new JdbcTransactionManager(application));
    }

    private static DataSource on(Database database) {
        return new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password());
    }

    private static ScriptedChild writer(AssertableApplicationContext context) {
        assertThat(context).hasNotFailed().hasSingleBean(Peer.class);
        ScriptedChild child = context.getBean(ScriptedChild.class);
        await().atMost(PATIENCE).until(() -> child.runs.size() == 1);
        return child;
    }

    private static void refused(AssertableApplicationContext context, String... texts) {
        ScriptedChild writer = writer(context);
        assertThatThrownBy(() -> writer.does(child -> child.inFencedTransaction(() -> {
                    throw new AssertionError("not reached");
                })))
                .isInstanceOf(FencingUnavailableException.class)
                .hasMessageContainingAll(texts);
        assertThat(writer.lastRun().isStopping()).isFalse();
    }

    static class Writer {
        @Bean
        @MirroredChild("writer")
        ScriptedChild writer() {
            return new ScriptedChild();
        }
    }

    /** A transaction manager without a database. */
    private static final class QueueTransactionManager extends AbstractPlatformTransactionManager {

        private static final long serialVersionUID = 1L;

        @Override
        protected Object doGetTransaction() {
            return this;
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {}

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }
}
