package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.autoconfigure.SupervisorSchemaAutoConfiguration.SchemaRuntimeHints;
import io.github.mirroredsupervisor.autoconfigure.database.SupervisorDatabase;
import io.github.mirroredsupervisor.autoconfigure.process.SupervisorBeans;
import io.github.mirroredsupervisor.autoconfigure.schema.SchemaScripts;
import io.github.mirroredsupervisor.autoconfigure.schema.SupervisorSchemaMigrator;
import io.github.mirroredsupervisor.autoconfigure.schema.SupervisorSchemaMigrator.Timing;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource.Attempt;
import io.github.mirroredsupervisor.internal.postgres.source.UnpooledDataSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.io.ResourceLoader;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the supervisor's schema. In slices that test the database it
 * applies alone.
 */
@AutoConfiguration(after = DataSourceAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "mirrored-supervisor.enabled", matchIfMissing = true)
@Import({SupervisorDatabaseConfiguration.class, DatabaseInitializationDependencyConfigurer.class})
@ImportRuntimeHints(SchemaRuntimeHints.class)
public final class SupervisorSchemaAutoConfiguration {

    /** The statements of a migration have no time limit. */
    private static final Attempt MIGRATION =
            new Attempt("mirrored-supervisor schema", Duration.ofSeconds(30), Duration.ZERO);

    /**
     * It opens its own connections: a migration needs two, which a small pool may not have and no pool has to spare.
     */
    @Bean
    @Nullable
    SupervisorSchemaMigrator supervisorSchemaMigrator(
            SupervisorDatabase database,
            SupervisorProperties properties,
            ResourceLoader resources,
            ListableBeanFactory beans) {
        if (!database.isThere()) {
            return null; // for example in a slice test on another database
        }
        ClassLoader classLoader = resources.getClassLoader();
        boolean peerDoesIt =
                properties.startup() == Startup.LENIENT && beans.containsBeanDefinition(SupervisorBeans.PEER);
        return new SupervisorSchemaMigrator(
                new UnpooledDataSource(database.source(), MIGRATION),
                properties.schema().migrate(),
                classLoader == null ? getClass().getClassLoader() : classLoader,
                new Timing(properties.callTimeout(), peerDoesIt));
    }

    static final class SchemaRuntimeHints implements RuntimeHintsRegistrar {

        @Override
        public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
            hints.resources().registerPattern(SchemaScripts.LOCATION + "/*.sql");
        }
    }
}
