package io.github.mirroredsupervisor.autoconfigure.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Which connection details belong to a data source is read from its bean's definition. */
class DescribedDataSourcesTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
            .withPropertyValues("spring.datasource.url=jdbc:postgresql://no.such.host.invalid/application");

    @Test
    void thatOfSpringBootIsOne() {
        runner.run(context -> assertThat(isDescribed(context)).isTrue());
        runner.withPropertyValues("spring.datasource.type=oracle.ucp.jdbc.PoolDataSourceImpl")
                .run(context -> assertThat(isDescribed(context)).isTrue());
    }

    @Test
    void soIsWhatSomethingElseIsPutAround() {
        runner.withUserConfiguration(Wraps.class).run(context -> {
            assertThat(context.getBean(DataSource.class)).isInstanceOf(DelegatingDataSource.class);
            assertThat(isDescribed(context)).isTrue();
        });
    }

    @Test
    void soIsOneOfTheApplicationThatTakesThem() {
        runner.withUserConfiguration(TakesDetails.class)
                .run(context -> assertThat(isDescribed(context)).isTrue());
        runner.withUserConfiguration(TakesDetailsFirst.class)
                .run(context -> assertThat(isDescribed(context)).isTrue());
    }

    @Test
    void oneBesideThemIsNone() {
        runner.withUserConfiguration(Details.class)
                .withBean(DataSource.class, () -> mock(DataSource.class))
                .run(context -> assertThat(isDescribed(context)).isFalse());
    }

    @Test
    void thatOfAParentIsOne() {
        runner.run(parent -> {
            try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
                child.setParent(parent);
                child.refresh();
                DataSource dataSource = child.getBean(DataSource.class);
                assertThat(new DescribedDataSources(child.getBeanFactory()).contains(dataSource))
                        .isTrue();
            }
        });
    }

    private static boolean isDescribed(AssertableApplicationContext context) {
        return new DescribedDataSources(context.getSourceApplicationContext().getBeanFactory())
                .contains(context.getBean(DataSource.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class Wraps {

        @Bean
        static BeanPostProcessor wrapping() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof DataSource dataSource ? new DelegatingDataSource(dataSource) : bean;
                }
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Details {

        @Bean
        JdbcConnectionDetails details() {
            return mock(JdbcConnectionDetails.class);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TakesDetails extends Details {

        @Bean
        DataSource dataSource(JdbcConnectionDetails details) {
            return mock(DataSource.class, details.toString());
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TakesDetailsFirst {

        private final JdbcConnectionDetails details;

        TakesDetailsFirst(JdbcConnectionDetails details) {
            this.details = details;
        }

        @Bean
        DataSource dataSource() {
            return mock(DataSource.class, details.toString());
        }

        @Configuration(proxyBeanMethods = false)
        static class Of extends Details {}
    }
}
