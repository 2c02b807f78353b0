package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.autoconfigure.schema.SchemaScripts;
import io.github.mirroredsupervisor.autoconfigure.schema.SupervisorSchemaMigrator;
import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class SchemaRefusalTests {

    private static final String PASSWORD = "secret";

    private final Database database = TestPostgres.emptyDatabase();

    private final SchemaScripts scripts = new SchemaScripts(getClass().getClassLoader());

    @Test
    void printsTheScriptWhenItMayNotMigrateAndThereIsNoSchema() {
        refused(database, false, Problem.SCHEMA_MISSING, ex -> {
            assertThat(ex).hasMessageContaining("does not exist");
            assertThat(ex.action())
                    .contains("mirrored-supervisor.schema.migrate=true")
                    .containsIgnoringCase("create table mirrored_supervisor.child")
                    .contains("'mirrored-supervisor schema " + scripts.latest() + "'");
        });
    }

    @Test
    void printsAScriptThatSatisfiesIt() {
        refused(database, false, Problem.SCHEMA_MISSING, ex -> {
            String script = ex.action().substring(ex.action().indexOf("BEGIN;"));
            database.execute(script);
        });

        migrator(database, false).afterPropertiesSet();
    }

    @Test
    void refusesAnOutdatedSchema() {
        database.execute("CREATE SCHEMA mirrored_supervisor");

        refused(
                database,
                false,
                Problem.SCHEMA_OUTDATED,
                ex -> assertThat(ex)
                        .hasMessageContainingAll("has version 0", "version " + scripts.latest() + " is needed"));
    }

    @Test
    void saysWhichRightIsMissing() {
        Database weak = user("weak", "");

        refused(
                weak,
                true,
                Problem.SCHEMA_NOT_PERMITTED,
                ex -> assertThat(ex.action())
                        .contains("GRANT CREATE ON DATABASE")
                        .contains("mirrored-supervisor.schema.migrate=false")
                        .containsIgnoringCase("create table mirrored_supervisor.child"));
    }

    @Test
    void saysWhichRightIsMissingInASchemaOfAnother() {
        migrator(database, true).afterPropertiesSet();
        Database stranger = user("stranger", "");

        refused(
                stranger,
                true,
                Problem.SCHEMA_NOT_PERMITTED,
                ex -> assertThat(ex.action()).contains("GRANT USAGE ON SCHEMA"));
    }

    @Test
    void worksForAUserWhoMayOnlyReadAndWrite() {
        migrator(database, true).afterPropertiesSet();
        Database reader = user("worker", """
                GRANT USAGE ON SCHEMA mirrored_supervisor TO worker;
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mirrored_supervisor TO worker;
                GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA mirrored_supervisor TO worker;
                """);

        migrator(reader, false).afterPropertiesSet();
        migrator(reader, true).afterPropertiesSet();
    }

    @Test
    void refusesAReadOnlyDatabase() {
        Database readOnly = user("looker", "ALTER ROLE looker SET default_transaction_read_only = on;");

        assertThatExceptionOfType(UnsupportedServerException.class)
                .isThrownBy(() -> migrator(readOnly, true).afterPropertiesSet())
                .withMessageContaining("read-only");
    }

    @Test
    void refusesASchemaThatSomethingElseMade() {
        database.execute("CREATE SCHEMA mirrored_supervisor", "CREATE TABLE mirrored_supervisor.other (id int)");

        refused(
                database,
                true,
                Problem.SCHEMA_FAILED,
                ex -> assertThat(ex).hasMessageContaining("mirrored_supervisor"));
    }

    @Test
    void noticesAMigrationThatFailedHalfWay() {
        migrator(database, true).afterPropertiesSet();
        database.execute("UPDATE mirrored_supervisor.flyway_schema_history SET success = false WHERE version = '1'");

        refused(
                database,
                true,
                Problem.SCHEMA_FAILED,
                ex -> assertThat(ex).hasMessageContaining("Detected failed migration to version 1"));
    }

    @Test
    void noticesAScriptThatIsNotTheOneThatWasRun() {
        migrator(database, true).afterPropertiesSet();
        database.execute("UPDATE mirrored_supervisor.flyway_schema_history SET checksum = checksum + 1");

        refused(
                database,
                true,
                Problem.SCHEMA_FAILED,
                ex -> assertThat(ex).hasMessageContaining("checksum mismatch for migration version 1"));
    }

    @Test
    void noticesAHistoryThatSomebodyDamaged() {
        migrator(database, true).afterPropertiesSet();
        database.execute("ALTER TABLE mirrored_supervisor.flyway_schema_history DROP COLUMN checksum");

        refused(database, true, Problem.SCHEMA_FAILED, ex -> assertThat(ex).hasMessageContaining("checksum"));
    }

    @Test
    void startsOnASchemaOfALaterVersion() {
        migrator(database, true).afterPropertiesSet();
        database.execute("INSERT INTO mirrored_supervisor.flyway_schema_history"
                + " SELECT 2, '2', 'later', 'SQL', 'V2__later.sql', 1, installed_by, now(), 1, true"
                + " FROM mirrored_supervisor.flyway_schema_history WHERE version = '1'");

        migrator(database, true).afterPropertiesSet();
    }

    @Test
    void saysThatTheDatabaseDoesNotAnswer() {
        Database nowhere = new Database("jdbc:postgresql://localhost:1/nowhere", "nobody", "");

        refused(
                nowhere,
                true,
                Problem.NO_DATABASE,
                ex -> assertThat(ex.action()).contains("Start the database", "correct host and port"));
    }

    @Test
    void saysThatTheHostIsNotKnown() {
        Database nowhere = new Database("jdbc:postgresql://no-such-host.invalid/nowhere", "nobody", "");

        refused(
                nowhere,
                true,
                Problem.NO_DATABASE,
                ex -> assertThat(ex.action()).contains("cannot be resolved"));
    }

    @Test
    void saysThatTheUserMayNotComeIn() {
        Database barred = user("barred", "ALTER ROLE barred NOLOGIN");

        refused(
                barred,
                true,
                Problem.NO_DATABASE,
                ex -> assertThat(ex.action()).contains("user and the password", "pg_hba.conf"));
    }

    @Test
    void saysThatThereIsNoSuchDatabase() {
        Database missing = new Database(
                database.jdbcUrl().replace(database.name(), "no_such_database"),
                database.username(),
                database.password());

        refused(
                missing,
                true,
                Problem.NO_DATABASE,
                ex -> assertThat(ex.action()).contains("Create the database"));
    }

    @Test
    void saysThatAllConnectionsAreTaken() {
        Database crowded = user("crowded", "ALTER ROLE crowded CONNECTION LIMIT 0");

        refused(
                crowded,
                true,
                Problem.NO_DATABASE,
                ex -> assertThat(ex.action()).contains("max_connections", "maximum-pool-size"));
    }

    private static void refused(
            Database database, boolean migrate, Problem problem, Consumer<SupervisorStartException> requirements) {
        assertThatExceptionOfType(SupervisorStartException.class)
                .isThrownBy(() -> migrator(database, migrate).afterPropertiesSet())
                .satisfies(ex -> assertThat(ex.problem()).isEqualTo(problem))
                .satisfies(requirements);
    }

    /** A user of this test's database; users belong to the server, so names are made unique. */
    private Database user(String name, String rights) {
        String unique =
                name + "_" + database.jdbcUrl().substring(database.jdbcUrl().lastIndexOf('_') + 1);
        database.execute("CREATE ROLE " + unique + " LOGIN PASSWORD '" + PASSWORD + "'");
        if (!rights.isEmpty()) {
            database.execute(rights.replace(name, unique));
        }
        return new Database(database.jdbcUrl(), unique, PASSWORD);
    }

    private static SupervisorSchemaMigrator migrator(Database database, boolean migrate) {
        return new SupervisorSchemaMigrator(
                new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()),
                migrate,
                SchemaRefusalTests.class.getClassLoader(),
                new SupervisorSchemaMigrator.Timing(Duration.ofSeconds(1), false));
    }
}
