package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.MirroredSupervisorDataSource;
import io.github.mirroredsupervisor.autoconfigure.database.ConnectionResolver;
import io.github.mirroredsupervisor.autoconfigure.database.DescribedDataSources;
import io.github.mirroredsupervisor.autoconfigure.database.SupervisorDatabase;
import javax.sql.DataSource;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Chooses the database once, for every bean that connects to it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SupervisorProperties.class)
final class SupervisorDatabaseConfiguration {

    private static final String R2DBC = "io.r2dbc.spi.ConnectionFactory";

    @Bean
    SupervisorDatabase mirroredSupervisorDatabase(
            Environment environment,
            SupervisorProperties properties,
            @MirroredSupervisorDataSource ObjectProvider<DataSource> marked,
            ObjectProvider<JdbcConnectionDetails> details,
            ObjectProvider<DataSource> dataSources,
            ConfigurableListableBeanFactory beans) {
        ConnectionResolver resolver = new ConnectionResolver(
                environment,
                own(properties.datasource()),
                marked,
                details,
                dataSources,
                new DescribedDataSources(beans)::contains,
                usesR2dbc(beans));
        return SupervisorDatabase.of(resolver::resolve);
    }

    private static ConnectionResolver.Own own(SupervisorProperties.Datasource settings) {
        return new ConnectionResolver.Own(settings.url(), settings.username(), settings.password());
    }

    private static boolean usesR2dbc(ListableBeanFactory beans) {
        ClassLoader classLoader = SupervisorDatabaseConfiguration.class.getClassLoader();
        return ClassUtils.isPresent(R2DBC, classLoader)
                && beans.getBeanNamesForType(ClassUtils.resolveClassName(R2DBC, classLoader), true, false).length > 0;
    }
}
