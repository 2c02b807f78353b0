package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.autoconfigure.schema.SupervisorSchemaMigrator;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.PlantedNames;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** One database with planted names, which were there before the supervisor's migration ran. All tests share it. */
final class HostileDatabase {

    static final Database ADMINISTRATION = TestPostgres.emptyDatabase();

    static final PlantedNames PLANTED = PlantedNames.in(ADMINISTRATION, "hostage");

    /** For a role whose search path has the planted names first. */
    static final Database APPLICATION = new Database(ADMINISTRATION.jdbcUrl(), "hostage", "hostage");

    static {
        new SupervisorSchemaMigrator(
                        new DriverManagerDataSource(
                                APPLICATION.jdbcUrl(), APPLICATION.username(), APPLICATION.password()),
                        true,
                        HostileDatabase.class.getClassLoader(),
                        new SupervisorSchemaMigrator.Timing(Duration.ofSeconds(30), false))
                .afterPropertiesSet();
    }

    private HostileDatabase() {}

    /** Deletes all rows. */
    static void clear() {
        ADMINISTRATION
                .jdbc()
                .sql("truncate mirrored_supervisor.peer, mirrored_supervisor.supervision_group,"
                        + " mirrored_supervisor.member, mirrored_supervisor.child, mirrored_supervisor.history,"
                        + " mirrored_supervisor.int_lock")
                .update();
    }
}
