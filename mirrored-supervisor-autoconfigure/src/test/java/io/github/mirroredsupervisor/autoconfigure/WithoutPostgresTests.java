package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.mockito.Mockito.mock;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.MirroredSupervisorDataSource;
import io.github.mirroredsupervisor.autoconfigure.coordination.Coordinator;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.r2dbc.spi.ConnectionFactory;
import java.util.List;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.io.ResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.DynamicPropertyRegistrar;

/** Whole applications with everything on the class path, but with another database or none. */
@ExtendWith(OutputCaptureExtension.class)
class WithoutPostgresTests {

    private static final String OFF = "The mirrored supervisor stays off";

    /** Auto-configurations that open a connection while an application starts. */
    private static final String WITHOUT_QUESTIONS =
            "--spring.autoconfigure.exclude=org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
                    + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration,"
                    + "org.springframework.boot.integration.autoconfigure.IntegrationAutoConfiguration";

    @Test
    void anApplicationOnAnotherDatabaseStartsAndHasOneLine(CapturedOutput output) {
        try (ConfigurableApplicationContext context = run(Plain.class)) {
            assertThat(context.getBean(JdbcTemplate.class).queryForObject("SELECT 1", Integer.class))
                    .isEqualTo(1);
            assertThat(context.getBeansOfType(HealthIndicator.class)).doesNotContainKey("supervisorHealthIndicator");
            assertThat(context.getBeanProvider(Coordinator.class).getIfAvailable())
                    .isNull();
        }
        assertThat(output.getAll().split(OFF, -1)).hasSize(2);
        assertThat(output).contains("mirrored-supervisor.datasource.url");
    }

    @Test
    void declaredChildrenNeedPostgres() {
        fails(DeclaresAChild.class, Problem.UNSUITABLE_DATABASE);
        fails(DeclaresAType.class, Problem.UNSUITABLE_DATABASE);
    }

    @Test
    void whoeverInjectsASupervisorNeedsPostgres(CapturedOutput output) {
        fails(Injects.class, Problem.UNSUITABLE_DATABASE);
        assertThat(output).doesNotContain(OFF);
    }

    @Test
    void anApplicationWithoutADataSourceStartsAndHasOneLine(CapturedOutput output) {
        try (ConfigurableApplicationContext context = application(Plain.class)
                .resourceLoader(withoutEmbeddedDatabase())
                .run()) {
            assertThat(context.getBeansOfType(DataSource.class)).isEmpty();
            assertThat(context.getBeansOfType(JdbcTemplate.class)).isEmpty();
        }
        assertThat(output.getAll().split(OFF, -1)).hasSize(2);
    }

    @Test
    void anApplicationWithoutADataSourceMaySupervise() {
        Database database = TestPostgres.emptyDatabase();
        try (ConfigurableApplicationContext context = application(Injects.class)
                .resourceLoader(withoutEmbeddedDatabase())
                .run(
                        "--mirrored-supervisor.datasource.url=" + database.jdbcUrl(),
                        "--mirrored-supervisor.datasource.username=" + database.username(),
                        "--mirrored-supervisor.datasource.password=" + database.password())) {
            assertThat(context.getBean(MirroredSupervisor.class).whichChildren())
                    .isEmpty();
            assertThat(context.getBeansOfType(DataSource.class)).isEmpty();
        }
    }

    @Test
    void aDataSourceThatIsHalfConfiguredStillFailsTheStart() {
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> application(Plain.class)
                        .resourceLoader(withoutEmbeddedDatabase())
                        .run("--spring.datasource.username=somebody")
                        .close())
                .havingRootCause()
                .withMessageContaining("Failed to determine a suitable driver class");
    }

    /** Without Spring's test auto-configuration nothing reads that bean, so the data source is kept and has no URL. */
    @Test
    void aDataSourceThatABeanOfATestConfiguresIsKept() {
        withoutUrl()
                .withUserConfiguration(BringsPropertiesLate.class)
                .run(context -> assertThat(context)
                        .hasFailed()
                        .getFailure()
                        .hasRootCauseMessage("Failed to determine a suitable driver class"));
        withoutUrl().run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(DataSource.class));
    }

    @Test
    void aDataSourceOfAnApplicationThatIsBuiltAheadOfTimeIsConfiguredWhereItRuns() {
        withoutUrl()
                .withSystemProperties("spring.aot.processing=true")
                .run(context -> assertThat(context)
                        .hasFailed()
                        .getFailure()
                        .hasRootCauseMessage("Failed to determine a suitable driver class"));
    }

    @Test
    void aDataSourceOfTheApplicationsOwnIsKept() {
        withoutUrl()
                .withBean("dataSource", DataSource.class, () -> mock(DataSource.class))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(DataSource.class));
    }

    private static ApplicationContextRunner withoutUrl() {
        return new ApplicationContextRunner()
                .withClassLoader(new FilteredClassLoader("org.h2", "org.hsqldb", "org.apache.derby"))
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class, UnconfiguredDataSourceAutoConfiguration.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class BringsPropertiesLate {

        @Bean
        DynamicPropertyRegistrar url() {
            return registry -> registry.add("spring.datasource.url", () -> "jdbc:postgresql://localhost/late");
        }
    }

    private static ResourceLoader withoutEmbeddedDatabase() {
        return new DefaultResourceLoader(new FilteredClassLoader("org.h2", "org.hsqldb", "org.apache.derby"));
    }

    @Test
    void besideR2dbcTheAdviceIsTheSettingThatHelps() {
        Throwable failure = catchThrowable(() -> run(Reactive.class).close());
        assertThat(failure).rootCause().isInstanceOfSatisfying(SupervisorStartException.class, ex -> {
            assertThat(ex.problem()).isEqualTo(Problem.NO_DATABASE);
            assertThat(ex).hasMessageContaining("R2DBC");
            assertThat(ex.action())
                    .startsWith("Set mirrored-supervisor.datasource.url, username and password")
                    .doesNotContain("spring.datasource.url");
        });
    }

    /** A child or a call needs a database. The connection details of the one that the mock replaces are not used. */
    @Test
    void aMockInThePlaceOfTheDataSourceIsRefusedAtOnceWhereSomethingNeedsADatabase() {
        for (Class<?> application : List.of(DeclaresAChild.class, Injects.class)) {
            fails(
                    Problem.UNKNOWN_CONNECTION,
                    () -> application(application)
                            .sources(MocksTheDataSource.class)
                            .run(
                                    "--spring.datasource.url=jdbc:postgresql://no.such.host.invalid/application",
                                    WITHOUT_QUESTIONS));
        }
    }

    @Test
    void aMarkedMockIsRefusedAtOnce() {
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() ->
                        application(MarksAMock.class).run(WITHOUT_QUESTIONS).close())
                .havingRootCause()
                .isInstanceOf(UnsupportedServerException.class)
                .withMessageContaining("returned null")
                .withMessageContaining("mirrored-supervisor.datasource.url");
    }

    private static void fails(Class<?> application, Problem problem) {
        fails(problem, () -> run(application));
    }

    private static void fails(Problem problem, Supplier<ConfigurableApplicationContext> application) {
        Throwable failure = null;
        try (ConfigurableApplicationContext context = application.get()) {
            assertThat(context.isActive()).as("it started").isFalse();
        } catch (RuntimeException ex) {
            failure = ex;
        }
        assertThat(failure).rootCause().isInstanceOfSatisfying(SupervisorStartException.class, ex -> {
            assertThat(ex.problem()).isEqualTo(problem);
            assertThat(ex.action()).contains("mirrored-supervisor.datasource.url", "mirrored-supervisor.enabled=false");
        });
    }

    private static ConfigurableApplicationContext run(Class<?> application) {
        return application(application)
                .properties("spring.datasource.generate-unique-name=true")
                .run();
    }

    private static SpringApplicationBuilder application(Class<?> application) {
        return new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .properties(
                        "spring.flyway.enabled=false",
                        "spring.liquibase.enabled=false",
                        "management.endpoints.web.exposure.include=*");
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Plain {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class DeclaresAChild {

        @Bean
        @MirroredChild("child")
        ChildProcess child() {
            return context -> {};
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Reactive extends DeclaresAChild {

        @Bean
        ConnectionFactory connectionFactory() {
            return mock(ConnectionFactory.class);
        }
    }

    /** Like the overrides of Spring's test framework: another definition of the same name. */
    @Configuration(proxyBeanMethods = false)
    static class MocksTheDataSource {

        @Bean
        static BeanDefinitionRegistryPostProcessor mocking() {
            return registry -> {
                registry.removeBeanDefinition("dataSource");
                registry.registerBeanDefinition(
                        "dataSource", new RootBeanDefinition(DataSource.class, () -> mock(DataSource.class)));
            };
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class MarksAMock extends DeclaresAChild {

        @Bean
        @MirroredSupervisorDataSource
        DataSource dataSource() {
            return mock(DataSource.class);
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class DeclaresAType {

        @Bean
        @MirroredChildType("type")
        ChildProcess type() {
            return context -> {};
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Injects {

        @Autowired
        MirroredSupervisor supervisor;
    }
}
