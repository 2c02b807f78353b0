package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.MirroredSupervisorDataSource;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.autoconfigure.coordination.Coordinator;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.Logins;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** The supervisor's own connections work like the application's: with the same role and the same initialization. */
class OwnConnectionsTests {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Database database = TestPostgres.emptyDatabase();

    @Test
    void comesBackAfterThePasswordWasChangedAndThePoolWasTold() {
        Database login = Logins.login(database, "first");
        mayCreateSchemas(login.username());
        TestContexts.supervisor(login).withUserConfiguration(Relays.class).run(context -> {
            assertThat(context).hasNotFailed();
            Logins.changePassword(login, database, "second % & ü");
            context.getBean(HikariDataSource.class).setCredentials(Credentials.of(login.username(), "second % & ü"));
            Logins.endSessions(login, database);

            startsAChild(context.getBean(MirroredSupervisor.class));
        });
    }

    @Test
    void theCoordinatorComesBackToo() {
        Database login = Logins.login(database, "first");
        mayCreateSchemas(login.username());
        TestContexts.supervisor(login).run(context -> {
            Coordinator coordinator = context.getBean(Coordinator.class);
            coordinator.stop();
            Logins.changePassword(login, database, "second");
            context.getBean(HikariDataSource.class).setCredentials(Credentials.of(login.username(), "second"));
            database.execute("TRUNCATE mirrored_supervisor.int_lock");

            coordinator.start();

            await().atMost(PATIENCE)
                    .until(() -> database.jdbc()
                                    .sql("SELECT count(*) FROM mirrored_supervisor.int_lock")
                                    .query(Integer.class)
                                    .single()
                            == 1);
        });
    }

    @Test
    void actsAsTheRoleThatThePoolSets() {
        String owner = Logins.owner(database);
        mayCreateSchemas(owner);
        TestContexts.supervisor(Logins.login(database, "secret", owner))
                .withPropertyValues("spring.datasource.hikari.connection-init-sql=SET ROLE " + owner)
                .withUserConfiguration(Relays.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    startsAChild(context.getBean(MirroredSupervisor.class));
                    assertThat(ownerOfTheSchema()).isEqualTo(owner);
                });
    }

    @Test
    void actsAsTheRoleThatTheUrlSets() {
        String owner = Logins.owner(database);
        mayCreateSchemas(owner);
        TestContexts.supervisor(Logins.login(database, "secret", owner))
                .withPropertyValues("spring.datasource.url=" + database.jdbcUrl() + "?options=-c%20role%3D" + owner)
                .withUserConfiguration(Relays.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    startsAChild(context.getBean(MirroredSupervisor.class));
                    assertThat(ownerOfTheSchema()).isEqualTo(owner);
                });
    }

    @Test
    void migratesBesideAPoolThatHasNoConnectionToSpare() {
        TestContexts.supervisor(database)
                .withPropertyValues(
                        "spring.datasource.hikari.maximum-pool-size=1",
                        "spring.datasource.hikari.connection-timeout=1000")
                .withUserConfiguration(Greedy.class, Relays.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    startsAChild(context.getBean(MirroredSupervisor.class));
                });
    }

    @Test
    void usesTheMarkedDataSourceRatherThanThePrimaryOne() {
        TestContexts.supervisor(database)
                .withBean(Database.class, () -> database)
                .withUserConfiguration(Several.class, Relays.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(ConnectionSettings.class)
                                    .source()
                                    .place())
                            .isEqualTo(database.jdbcUrl());
                    startsAChild(context.getBean(MirroredSupervisor.class));
                    assertThat(ownerOfTheSchema()).isEqualTo(database.username());
                });
    }

    @Test
    void fencesTheTransactionsOnTheMarkedDataSource() {
        TestContexts.supervisor(database)
                .withBean(Database.class, () -> database)
                .withUserConfiguration(Several.class, FencedChild.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    FencedChild child = context.getBean(FencedChild.class);
                    await().atMost(PATIENCE).until(() -> child.outcome.get() != null);
                    assertThat(child.outcome.get()).isEqualTo("PostgreSQL");
                });
    }

    @Test
    void letsTheApplicationOpenTheConnectionsIfItKnowsHow() {
        Database login = Logins.login(database, "none");
        mayCreateSchemas(login.username());
        Tokens tokens = new Tokens(login, database);
        TestContexts.supervisor(database)
                .withBean(Tokens.class, () -> tokens, definition -> definition.setPrimary(false))
                .withBean(Database.class, () -> database)
                .withUserConfiguration(Marked.class, Relays.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    startsAChild(context.getBean(MirroredSupervisor.class));
                    assertThat(ownerOfTheSchema()).isEqualTo(login.username());

                    Logins.endSessions(login, database);

                    await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                        context.getBean(MirroredSupervisor.class).removeChild("relay-1");
                        return true;
                    });
                });
    }

    @Test
    void refusesTwoMarkedDataSources() {
        TestContexts.supervisor(database)
                .withBean(Database.class, () -> database)
                .withUserConfiguration(Several.class, AnotherMarked.class, Relays.class, Declared.class)
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOfSatisfying(SupervisorStartException.class, ex -> {
                            assertThat(ex.problem()).isEqualTo(Problem.NO_DATABASE);
                            assertThat(ex).hasMessageContaining("@MirroredSupervisorDataSource");
                        }));
    }

    /** It needs connections that are opened only now. */
    private static void startsAChild(MirroredSupervisor supervisor) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () -> supervisor.ensureChild(ChildSpec.of("relay-1", "relay")),
                        result ->
                                result instanceof StartResult.Started || result instanceof StartResult.AlreadyStarted);
    }

    private void mayCreateSchemas(String role) {
        database.execute("GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
    }

    private String ownerOfTheSchema() {
        return database.jdbc()
                .sql("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'mirrored_supervisor'")
                .query(String.class)
                .single();
    }

    @Configuration(proxyBeanMethods = false)
    static class Relays {

        @Bean
        @MirroredChildType("relay")
        ChildProcess relay() {
            return context -> context.sleep(Duration.ofHours(1));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Declared {

        @Bean
        @MirroredChild("declared")
        ChildProcess declared() {
            return context -> context.sleep(Duration.ofHours(1));
        }
    }

    /** Holds the pool's only connection, as a busy application may. */
    @Configuration(proxyBeanMethods = false)
    static class Greedy {

        @Bean(destroyMethod = "close")
        Connection held(HikariDataSource pool) throws SQLException {
            return pool.getConnection();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Several {

        @Bean
        @Primary
        DataSource business() {
            return new DriverManagerDataSource("jdbc:h2:mem:business;DB_CLOSE_DELAY=-1", "sa", "");
        }

        @Bean
        @Primary
        PlatformTransactionManager businessTransactions(DataSource business) {
            return new JdbcTransactionManager(business);
        }

        @Bean(defaultCandidate = false)
        @MirroredSupervisorDataSource
        DataSource supervision(Database database) {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(database.jdbcUrl());
            pool.setUsername(database.username());
            pool.setPassword(database.password());
            pool.setMaximumPoolSize(2);
            return pool;
        }

        @Bean(defaultCandidate = false)
        PlatformTransactionManager supervisionTransactions(@MirroredSupervisorDataSource DataSource supervision) {
            return new JdbcTransactionManager(supervision);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class AnotherMarked {

        @Bean(defaultCandidate = false)
        @MirroredSupervisorDataSource
        DataSource another(Database database) {
            return new DriverManagerDataSource(database.jdbcUrl());
        }
    }

    /** Reports on which database its fenced transactions run. */
    @Configuration(proxyBeanMethods = false)
    static class FencedChild {

        final AtomicReference<String> outcome = new AtomicReference<>();

        @Bean
        @MirroredChild("fenced")
        ChildProcess fenced(@MirroredSupervisorDataSource DataSource supervision) {
            JdbcTemplate jdbc = new JdbcTemplate(supervision);
            return context -> {
                String product = context.inFencedTransaction(() -> {
                    jdbc.queryForObject("SELECT version()", String.class);
                    return "PostgreSQL";
                });
                outcome.set(product);
                context.sleep(Duration.ofHours(1));
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Marked {

        @Bean(defaultCandidate = false)
        @MirroredSupervisorDataSource
        DataSource supervision(Tokens tokens) {
            return tokens.dataSource();
        }
    }

    /** A password that is valid for one connection, as a cloud's tokens are valid for a short time. */
    static final class Tokens {

        final AtomicInteger given = new AtomicInteger();
        private final Database login;
        private final Database administration;

        Tokens(Database login, Database administration) {
            this.login = login;
            this.administration = administration;
        }

        DataSource dataSource() {
            return new AbstractDataSource() {
                @Override
                public Connection getConnection() throws SQLException {
                    synchronized (Tokens.this) {
                        String token = "token " + given.incrementAndGet();
                        Logins.changePassword(login, administration, token);
                        return DriverManager.getConnection(login.jdbcUrl(), login.username(), token);
                    }
                }

                @Override
                public Connection getConnection(String username, String password) throws SQLException {
                    return getConnection();
                }
            };
        }
    }
}
