package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.autoconfigure.schema.SchemaScripts;
import io.github.mirroredsupervisor.autoconfigure.schema.SupervisorSchemaMigrator;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The library's own migrations beside those of the application, on a real server. */
class SchemaMigrationTests {

    private final Database database = TestPostgres.emptyDatabase();

    @Test
    void createsTheSchemaAndItsOwnHistory() {
        TestContexts.schema(database).run(context -> {
            assertThat(context).hasNotFailed().doesNotHaveBean(Flyway.class);
            assertThat(tables("mirrored_supervisor")).contains("child", "peer", "int_lock", "flyway_schema_history");
            assertThat(tables("public")).isEmpty();
        });
    }

    @Test
    void migratesAgainWithoutEffect() {
        TestContexts.schema(database).run(context -> assertThat(context).hasNotFailed());
        TestContexts.schema(database).run(context -> assertThat(context).hasNotFailed());

        assertThat(migrations()).isEqualTo(new SchemaScripts(getClass().getClassLoader()).latest());
    }

    @Test
    void leavesTheApplicationsOwnFlywayAlone() {
        withFlyway().run(context -> {
            assertThat(context)
                    .hasNotFailed()
                    .hasSingleBean(Flyway.class)
                    .hasSingleBean(FlywayMigrationInitializer.class);
            assertThat(tables("public")).contains("app_table", "flyway_schema_history");
            assertThat(tables("mirrored_supervisor")).contains("child");
        });
    }

    @Test
    void mayComeAfterTheApplicationsFlyway() {
        TestContexts.jdbc(database)
                .withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
                .withPropertyValues("spring.flyway.locations=classpath:app/migration")
                .run(context -> assertThat(context).hasNotFailed());

        withFlyway().run(context -> assertThat(context).hasNotFailed());

        assertThat(tables("mirrored_supervisor")).contains("child");
    }

    @Test
    void mayComeBeforeTheApplicationsFlyway() {
        TestContexts.schema(database).run(context -> assertThat(context).hasNotFailed());

        withFlyway().run(context -> assertThat(context).hasNotFailed());

        assertThat(tables("public")).contains("app_table");
    }

    @Test
    void survivesTheApplicationsClean() {
        withFlyway().withPropertyValues("spring.flyway.clean-disabled=false").run(context -> {
            context.getBean(Flyway.class).clean();

            assertThat(tables("public")).isEmpty();
            assertThat(tables("mirrored_supervisor")).contains("child", "flyway_schema_history");
        });
    }

    @Test
    void goesTogetherWithLiquibase() {
        TestContexts.schema(database)
                .withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class))
                .withPropertyValues("spring.liquibase.change-log=classpath:app/changelog.sql")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(tables("public")).contains("app_table", "databasechangelog");
                    assertThat(tables("mirrored_supervisor")).contains("child");
                });
    }

    @Test
    void comesAfterTheApplicationsMigrationsAndBeforeItsUseOfTheDatabase() {
        withFlyway().run(context -> {
            var beans = context.getBeanFactory();
            assertThat(beans.getDependenciesForBean("supervisorSchemaMigrator")).contains("flywayInitializer");
            assertThat(List.of(beans.getBeanDefinition("jdbcTemplate").getDependsOn()))
                    .contains("supervisorSchemaMigrator");
            assertThat(List.of(beans.getBeanDefinition("jdbcClient").getDependsOn()))
                    .contains("supervisorSchemaMigrator");
        });
    }

    @Test
    void letsManyProcessesMigrateAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            Callable<Void> migration = () -> {
                migrator(true).afterPropertiesSet();
                return null;
            };
            for (Future<Void> done : threads.invokeAll(Collections.nCopies(8, migration))) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(migrations()).isEqualTo(new SchemaScripts(getClass().getClassLoader()).latest());
    }

    @Test
    void takesTheDatabaseThatTheSettingsName() {
        Database other = TestPostgres.emptyDatabase();

        TestContexts.schema(other)
                .withPropertyValues(
                        "mirrored-supervisor.datasource.url=" + database.jdbcUrl(),
                        "mirrored-supervisor.datasource.username=" + database.username(),
                        "mirrored-supervisor.datasource.password=" + database.password())
                .run(context -> assertThat(context).hasNotFailed());

        assertThat(tables("mirrored_supervisor")).contains("child");
    }

    @Test
    void acceptsASchemaThatWasMadeByHandAndTakesItOver() {
        SchemaScripts scripts = new SchemaScripts(getClass().getClassLoader());
        database.execute(scripts.from(0));

        migrator(false).afterPropertiesSet();
        migrator(true).afterPropertiesSet();
        migrator(false).afterPropertiesSet();

        assertThat(tables("mirrored_supervisor")).contains("child", "flyway_schema_history");
    }

    @Test
    void doesNothingWhereTheDatabaseIsAnother() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SupervisorSchemaAutoConfiguration.class))
                .withBean(DataSource.class, () -> new DriverManagerDataSource("jdbc:h2:mem:other"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(SupervisorSchemaMigrator.class));
    }

    @Test
    void isOffWithTheWholeAndWithoutADatabase() {
        TestContexts.schema(database)
                .withPropertyValues("mirrored-supervisor.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(SupervisorSchemaMigrator.class));
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SupervisorSchemaAutoConfiguration.class))
                .run(context -> assertThat(context.getBeanProvider(SupervisorSchemaMigrator.class)
                                .getIfAvailable())
                        .isNull());

        assertThat(tables("mirrored_supervisor")).isEmpty();
    }

    private ApplicationContextRunner withFlyway() {
        return TestContexts.schema(database)
                .withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
                .withPropertyValues("spring.flyway.locations=classpath:app/migration");
    }

    private SupervisorSchemaMigrator migrator(boolean migrate) {
        return new SupervisorSchemaMigrator(
                new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()),
                migrate,
                getClass().getClassLoader(),
                new SupervisorSchemaMigrator.Timing(Duration.ofSeconds(10), false));
    }

    private List<String> tables(String schema) {
        return database.jdbc()
                .sql("SELECT table_name FROM information_schema.tables WHERE table_schema = ?")
                .param(schema)
                .query(String.class)
                .list();
    }

    private int migrations() {
        return database.jdbc()
                .sql(
                        "SELECT count(*) FROM mirrored_supervisor.flyway_schema_history WHERE success AND version IS NOT NULL")
                .query(Integer.class)
                .single();
    }
}
