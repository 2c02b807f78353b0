package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.autoconfigure.SupervisorSchemaAutoConfiguration.SchemaRuntimeHints;
import io.github.mirroredsupervisor.autoconfigure.SupervisorSchemaMigrator.Timing;
import io.github.mirroredsupervisor.mirror.Startup;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.io.ResourceLoader;

/** {@link EnableAutoConfiguration Auto-configuration} of the supervisor's schema, alone in slices that test the database. */
@AutoConfiguration(after = DataSourceAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "mirrored-supervisor.enabled", matchIfMissing = true)
@Conditional(SupervisorSchemaAutoConfiguration.DatabaseCondition.class)
@EnableConfigurationProperties(SupervisorProperties.class)
@Import(DatabaseInitializationDependencyConfigurer.class)
@ImportRuntimeHints(SchemaRuntimeHints.class)
public final class SupervisorSchemaAutoConfiguration {

    @Bean
    SupervisorSchemaMigrator supervisorSchemaMigrator(
            SupervisorProperties properties,
            ObjectProvider<DataSource> dataSource,
            ResourceLoader resources,
            ListableBeanFactory beans) {
        ClassLoader classLoader = resources.getClassLoader();
        boolean peerDoesIt = properties.startup() == Startup.LENIENT
                && beans.containsBeanDefinition(MirroredSupervisorAutoConfiguration.PEER_BEAN);
        return new SupervisorSchemaMigrator(
                OwnDataSource.orElse(properties.datasource(), dataSource),
                properties.schema().migrate(),
                classLoader == null ? getClass().getClassLoader() : classLoader,
                new Timing(properties.callTimeout(), peerDoesIt));
    }

    static final class DatabaseCondition extends AnyNestedCondition {

        DatabaseCondition() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnSingleCandidate(DataSource.class)
        static final class OnDataSource {}

        @ConditionalOnProperty("mirrored-supervisor.datasource.url")
        static final class OnOwnDatasource {}
    }

    static final class SchemaRuntimeHints implements RuntimeHintsRegistrar {

        @Override
        public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
            hints.resources().registerPattern(SchemaScripts.LOCATION + "/*.sql");
        }
    }
}
