package io.github.mirroredsupervisor.autoconfigure.schema;

import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * The only class that knows Flyway. It is not loaded while the schema is current, so neither is Flyway: the JVM would
 * load a hundred classes of it at each start for nothing.
 */
final class FlywayMigration {

    private FlywayMigration() {}

    /** Migrates. Returns the failure; null if there is none. */
    static @Nullable RuntimeException run(
            DataSource dataSource, ClassLoader classLoader, List<String> locations, SchemaVersion version) {
        FluentConfiguration configuration = Flyway.configure(classLoader)
                .dataSource(dataSource)
                .schemas(SchemaScripts.SCHEMA)
                .table(SchemaVersion.HISTORY_TABLE)
                .locations(locations.toArray(String[]::new));
        if (version.needsBaseline()) {
            configuration.baselineOnMigrate(true).baselineVersion(String.valueOf(version.byHand()));
        }
        try {
            configuration.load().migrate();
            return null;
        } catch (FlywayException ex) {
            return ex;
        }
    }
}
