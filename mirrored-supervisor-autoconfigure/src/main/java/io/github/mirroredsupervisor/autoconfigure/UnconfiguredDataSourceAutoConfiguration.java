package io.github.mirroredsupervisor.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jdbc.EmbeddedDatabaseConnection;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.ClassUtils;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that lets an application start without a data source. The starter
 * brings JDBC and a pool, so Spring Boot defines a data source and then fails because it has no URL. This configuration
 * removes that definition if nothing configures a data source: no setting of {@code spring.datasource}, no other
 * connection details and no embedded database, and no source that may configure one later. It runs before every
 * condition on a data source.
 */
@AutoConfiguration(
        after = DataSourceAutoConfiguration.class,
        afterName = "org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration")
@AutoConfigureOrder(Ordered.HIGHEST_PRECEDENCE + 100)
@Import(UnconfiguredDataSourceAutoConfiguration.Removal.class)
public final class UnconfiguredDataSourceAutoConfiguration {

    private static final Logger log = LoggerFactory.getLogger(UnconfiguredDataSourceAutoConfiguration.class);

    private static final String DATA_SOURCE = "dataSource";

    private static final String CONNECTION_DETAILS = "jdbcConnectionDetails";

    private static final String OF_SPRING_BOOT = "org.springframework.boot.jdbc.autoconfigure.";

    private static final String LATE_PROPERTIES = "org.springframework.test.context.DynamicPropertyRegistrar";

    static final class Removal implements ImportBeanDefinitionRegistrar {

        private final Environment environment;

        private final BeanFactory beans;

        private final @Nullable ClassLoader classLoader;

        Removal(Environment environment, BeanFactory beans, @Nullable ClassLoader classLoader) {
            this.environment = environment;
            this.beans = beans;
            this.classLoader = classLoader;
        }

        @Override
        public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
            if (isOfSpringBoot(registry, DATA_SOURCE)
                    && isOfSpringBoot(registry, CONNECTION_DETAILS)
                    && knowsNoOtherDetails()
                    && !isConfigured()
                    && !mayBeConfiguredLater()
                    && EmbeddedDatabaseConnection.get(classLoader) == EmbeddedDatabaseConnection.NONE) {
                registry.removeBeanDefinition(DATA_SOURCE);
                registry.removeBeanDefinition(CONNECTION_DETAILS);
                log.info("There is no data source, as nothing says where to connect: spring.datasource.url is not set");
            }
        }

        private static boolean isOfSpringBoot(BeanDefinitionRegistry registry, String name) {
            if (!registry.containsBeanDefinition(name)) {
                return false;
            }
            String factory = registry.getBeanDefinition(name).getFactoryBeanName();
            return factory != null && factory.startsWith(OF_SPRING_BOOT);
        }

        private boolean knowsNoOtherDetails() {
            return beans instanceof ListableBeanFactory listable
                    && listable.getBeanNamesForType(JdbcConnectionDetails.class, true, false).length == 1;
        }

        /**
         * An application that is built ahead of time is configured where it runs, and test properties that beans
         * contribute appear only after all bean definitions.
         */
        private boolean mayBeConfiguredLater() {
            return Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING) || hasBeanOf(LATE_PROPERTIES);
        }

        private boolean hasBeanOf(String type) {
            return ClassUtils.isPresent(type, classLoader)
                    && beans instanceof ListableBeanFactory listable
                    && listable.getBeanNamesForType(ClassUtils.resolveClassName(type, classLoader), true, false).length
                            > 0;
        }

        private boolean isConfigured() {
            return Binder.get(environment)
                    .bind("spring.datasource", Bindable.mapOf(String.class, Object.class))
                    .map(settings -> !settings.isEmpty())
                    .orElse(false);
        }
    }
}
