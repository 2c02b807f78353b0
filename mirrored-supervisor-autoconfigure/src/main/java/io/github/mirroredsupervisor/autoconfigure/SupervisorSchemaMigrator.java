package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.autoconfigure.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.postgres.ServerCheck;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;

/**
 * Brings the schema {@code mirrored_supervisor} up to date, or checks that it is. It has a schema, a history and a Flyway of its own, none of
 * them a bean, so that the application's migrations, in whichever order and by whichever tool, neither see nor disturb it.
 */
final class SupervisorSchemaMigrator implements InitializingBean {

    private static final Logger log = LoggerFactory.getLogger(SupervisorSchemaMigrator.class);

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private static final String POSTGRES = "PostgreSQL";

    private final DataSource dataSource;

    private final boolean migrate;

    private final ClassLoader classLoader;

    private final SchemaScripts scripts;

    SupervisorSchemaMigrator(DataSource dataSource, boolean migrate, ClassLoader classLoader) {
        this.dataSource = new BuiltInNamesDataSource(dataSource);
        this.migrate = migrate;
        this.classLoader = classLoader;
        this.scripts = new SchemaScripts(classLoader);
    }

    @Override
    public void afterPropertiesSet() {
        SchemaVersion version = inspect();
        if (version == null) {
            // A slice test may have put another database in place; where a peer is to run, its connection is refused.
            log.info("The database is not PostgreSQL: no schema of the mirrored supervisor in it");
        } else if (migrate) {
            migrate(version);
        } else {
            verify(version);
        }
    }

    private @Nullable SchemaVersion inspect() {
        try (Connection connection = dataSource.getConnection()) {
            if (!POSTGRES.equals(connection.getMetaData().getDatabaseProductName())) {
                return null;
            }
            ServerCheck.verify(connection);
            return SchemaVersion.read(connection);
        } catch (SQLException ex) {
            if (INSUFFICIENT_PRIVILEGE.equals(ex.getSQLState())) {
                throw mayNotUse(ex);
            }
            throw new SupervisorStartException(
                    Problem.NO_DATABASE,
                    "The mirrored supervisor could not ask the database for its schema: " + ex.getMessage(),
                    DatabaseAdvice.of(ex),
                    ex);
        }
    }

    private void verify(SchemaVersion version) {
        if (version.present() >= scripts.latest()) {
            return;
        }
        Problem problem = version.exists() ? Problem.SCHEMA_OUTDATED : Problem.SCHEMA_MISSING;
        throw new SupervisorStartException(
                problem,
                (version.exists()
                                ? "The schema " + SchemaScripts.SCHEMA + " has version " + version.present()
                                        + ", and version " + scripts.latest() + " is needed"
                                : "The schema " + SchemaScripts.SCHEMA + " does not exist")
                        + ", and mirrored-supervisor.schema.migrate is false.",
                "Set mirrored-supervisor.schema.migrate=true, or " + runByHand(version));
    }

    private void migrate(SchemaVersion version) {
        try {
            flyway(version).migrate();
        } catch (FlywayException ex) {
            SQLException cause = sqlCause(ex);
            if (cause != null && INSUFFICIENT_PRIVILEGE.equals(cause.getSQLState())) {
                throw notPermitted(version, cause);
            }
            throw new SupervisorStartException(
                    Problem.SCHEMA_FAILED,
                    "The schema " + SchemaScripts.SCHEMA + " could not be brought up to date: " + ex.getMessage(),
                    "Correct what the database objects to. If the schema is maintained by hand, set "
                            + "mirrored-supervisor.schema.migrate=false.",
                    ex);
        }
    }

    private Flyway flyway(SchemaVersion version) {
        FluentConfiguration configuration = Flyway.configure(classLoader)
                .dataSource(dataSource)
                .schemas(SchemaScripts.SCHEMA)
                .table(SchemaVersion.HISTORY_TABLE)
                .locations("classpath:" + SchemaScripts.LOCATION);
        if (version.needsBaseline()) {
            configuration.baselineOnMigrate(true).baselineVersion(String.valueOf(version.byHand()));
        }
        return configuration.load();
    }

    private SupervisorStartException notPermitted(SchemaVersion version, SQLException cause) {
        return new SupervisorStartException(
                Problem.SCHEMA_NOT_PERMITTED,
                "The database user may not create or change the schema " + SchemaScripts.SCHEMA + ": "
                        + cause.getMessage(),
                "Let an administrator run GRANT CREATE ON DATABASE <database> TO <user> (and, if the schema belongs to another user, make "
                        + "this one its owner), or set mirrored-supervisor.schema.migrate=false and "
                        + runByHand(version),
                cause);
    }

    private static SupervisorStartException mayNotUse(SQLException cause) {
        return new SupervisorStartException(
                Problem.SCHEMA_NOT_PERMITTED,
                "The database user may not use the schema " + SchemaScripts.SCHEMA + ": " + cause.getMessage(),
                """
                Let its owner run:

                GRANT USAGE ON SCHEMA mirrored_supervisor TO <user>;
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mirrored_supervisor TO <user>;
                GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA mirrored_supervisor TO <user>;
                """,
                cause);
    }

    private String runByHand(SchemaVersion version) {
        return "run this as a user who may, and grant the application's user USAGE on the schema, USAGE, SELECT and UPDATE on its sequences, and "
                + "SELECT, INSERT, UPDATE and DELETE on its tables:\n\n" + scripts.from(version.present());
    }

    private static @Nullable SQLException sqlCause(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }
}
