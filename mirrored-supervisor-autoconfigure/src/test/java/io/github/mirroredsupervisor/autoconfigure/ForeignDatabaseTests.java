package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;

import com.zaxxer.hikari.HikariDataSource;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.internal.peer.Peer;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.Answers;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.data.repository.CrudRepository;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Applications on H2 or without any database, as in an application's own tests. The library on their class path changes
 * nothing, and logs one line at most.
 */
@ExtendWith(OutputCaptureExtension.class)
class ForeignDatabaseTests {

    private static final String OFF = "The mirrored supervisor stays off";

    private static final String POSTGRES = "spring.datasource.url=jdbc:postgresql://no.such.host.invalid/application";

    private static final String H2 = "spring.datasource.generate-unique-name=true";

    private static final String NO_FLYWAY = "spring.flyway.enabled=false";

    private static final String NO_LIQUIBASE = "spring.liquibase.enabled=false";

    /** Auto-configurations that open a connection while an application starts. */
    private static final String NO_QUESTIONS =
            "spring.autoconfigure.exclude=org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
                    + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration,"
                    + "org.springframework.boot.integration.autoconfigure.IntegrationAutoConfiguration";

    private static void isOff(ApplicationContext context, CapturedOutput output) {
        isOff(context);
        assertThat(output.getAll().split(OFF, -1)).as("logged once").hasSize(2);
        isQuiet(output);
    }

    private static void isQuiet(CapturedOutput output) {
        assertThat(output.getAll().lines().filter(line -> line.contains("mirroredsupervisor")))
                .noneMatch(line -> line.contains(" WARN ") || line.contains(" ERROR "));
    }

    /** Checks that the supervisor was not created: no bean of these tests needs it. */
    private static void isOff(ApplicationContext context) {
        assertThat(context.getBeanProvider(Peer.class).getIfAvailable()).isNull();
        ConfigurableListableBeanFactory beans =
                (ConfigurableListableBeanFactory) context.getAutowireCapableBeanFactory();
        assertThat(beans.containsSingleton("mirroredSupervisor"))
                .as("the supervisor was created")
                .isFalse();
    }

    @Nested
    @JdbcTest(properties = {POSTGRES, NO_FLYWAY, NO_LIQUIBASE})
    @ContextConfiguration(classes = Plain.class)
    class SliceOfJdbc {

        @Test
        void isGreen(@Autowired JdbcTemplate jdbc, @Autowired ApplicationContext context, CapturedOutput output) {
            assertThat(jdbc.queryForObject("SELECT 1", Integer.class)).isEqualTo(1);
            isOff(context);
            isQuiet(output);
        }
    }

    @Nested
    @DataJpaTest(properties = {POSTGRES, NO_FLYWAY, NO_LIQUIBASE})
    @ContextConfiguration(classes = Persistent.class)
    class SliceOfJpa {

        @Test
        void isGreen(@Autowired Books books, @Autowired ApplicationContext context, CapturedOutput output) {
            books.save(new Book(1));
            assertThat(books.count()).isEqualTo(1);
            isOff(context);
            isQuiet(output);
        }
    }

    @Nested
    @WebMvcTest(Page.class)
    @ContextConfiguration(classes = Plain.class)
    @Import(Page.class)
    class SliceOfTheWeb {

        @MockitoBean
        MirroredSupervisor supervisor;

        @Test
        void isGreen(@Autowired MockMvc web, @Autowired ApplicationContext context, CapturedOutput output)
                throws Exception {
            when(supervisor.whichChildren()).thenReturn(List.of());
            web.perform(get("/children")).andExpect(content().string("0"));
            assertThat(context.getBeanProvider(Peer.class).stream()).isEmpty();
            isQuiet(output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = {Plain.class, Page.class},
            properties = {H2, NO_FLYWAY, NO_LIQUIBASE})
    class SupervisorMocked {

        @MockitoBean
        MirroredSupervisor supervisor;

        @Test
        void isGreen(@Autowired Page page, @Autowired ApplicationContext context, CapturedOutput output) {
            assertThat(page.children()).isZero();
            assertThat(context.getBeanProvider(Peer.class).getIfAvailable()).isNull();
            assertThat(output.getAll().split(OFF, -1)).hasSize(2);
            isQuiet(output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Listening.class,
            properties = {H2, NO_LIQUIBASE, "spring.flyway.locations=classpath:app/migration"})
    class WithFlywayAndListeners {

        @Test
        void isGreen(@Autowired Listening application, @Autowired ApplicationContext context, CapturedOutput output) {
            application.publish("order");
            assertThat(application.heard).contains("ready", "order", "order committed");
            assertThat(context.getBean(JdbcTemplate.class)
                            .queryForObject("SELECT count(*) FROM \"flyway_schema_history\"", Integer.class))
                    .isPositive();
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Plain.class,
            properties = {H2, NO_FLYWAY, "spring.liquibase.change-log=classpath:app/changelog.sql"})
    class WithLiquibase {

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) {
            assertThat(context.getBean(JdbcTemplate.class)
                            .queryForObject("SELECT count(*) FROM DATABASECHANGELOG", Integer.class))
                    .isEqualTo(1);
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Plain.class,
            properties = {POSTGRES, NO_FLYWAY, NO_LIQUIBASE})
    @AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.ANY)
    class PostgresReplaced {

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) {
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Persistent.class,
            properties = {POSTGRES, NO_FLYWAY, NO_LIQUIBASE})
    @AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.ANY)
    class PostgresReplacedForJpa {

        @Test
        void isGreen(@Autowired Books books, @Autowired ApplicationContext context, CapturedOutput output) {
            books.save(new Book(2));
            assertThat(books.count()).isEqualTo(1);
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Plain.class,
            properties = {POSTGRES, NO_FLYWAY, NO_LIQUIBASE, NO_QUESTIONS})
    class DataSourceMocked {

        @MockitoBean
        DataSource dataSource;

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) {
            assertThat(context.getBean(JdbcTemplate.class).getDataSource()).isSameAs(dataSource);
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Plain.class,
            properties = {POSTGRES, NO_FLYWAY, NO_LIQUIBASE, NO_QUESTIONS})
    class DataSourceMockedWithAnswersToEverything {

        @MockitoBean(answers = Answers.RETURNS_DEEP_STUBS)
        DataSource dataSource;

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) {
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Plain.class,
            properties = {POSTGRES, NO_FLYWAY, NO_LIQUIBASE, NO_QUESTIONS})
    class PoolMocked {

        @MockitoBean
        HikariDataSource dataSource;

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) {
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Plain.class,
            properties = {H2, NO_FLYWAY, NO_LIQUIBASE})
    class DataSourceSpiedOn {

        @MockitoSpyBean
        DataSource dataSource;

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) throws SQLException {
            context.getBean(JdbcTemplate.class).execute("SELECT 1");
            verify(dataSource, atLeastOnce()).getConnection();
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = {Plain.class, PrimaryEmbedded.class},
            properties = {POSTGRES, NO_FLYWAY, NO_LIQUIBASE})
    class PrimaryOfTheTest {

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) {
            assertThat(context.getBean(JdbcTemplate.class).queryForObject("SELECT 1", Integer.class))
                    .isEqualTo(1);
            isOff(context, output);
        }
    }

    /** Connection details exist, as those of a container do. */
    @Nested
    @SpringBootTest(
            classes = {Plain.class, PrimaryStub.class},
            properties = {POSTGRES, NO_FLYWAY, NO_LIQUIBASE, NO_QUESTIONS})
    class PrimaryThatDoesNotTell {

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) {
            assertThat(context.getBeanProvider(JdbcConnectionDetails.class).getIfAvailable())
                    .isNotNull();
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Plain.class,
            properties = {
                NO_FLYWAY,
                NO_LIQUIBASE,
                "spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration"
            })
    class WithoutADataSource {

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) {
            assertThat(context.getBeanProvider(DataSource.class).stream()).isEmpty();
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Plain.class,
            properties = {H2, NO_FLYWAY, NO_LIQUIBASE, "spring.main.lazy-initialization=true"})
    class Lazy {

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) {
            assertThat(context.getBean(JdbcTemplate.class).queryForObject("SELECT 1", Integer.class))
                    .isEqualTo(1);
            isOff(context, output);
        }
    }

    @Nested
    @SpringBootTest(
            classes = Several.class,
            webEnvironment = SpringBootTest.WebEnvironment.NONE,
            properties = {NO_FLYWAY, NO_LIQUIBASE})
    class SeveralWithH2First {

        @Test
        void isGreen(@Autowired ApplicationContext context, CapturedOutput output) {
            isOff(context, output);
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Plain {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EntityScan(basePackageClasses = ForeignDatabaseTests.class)
    @EnableJpaRepositories(considerNestedRepositories = true)
    static class Persistent {}

    @Entity
    static class Book {

        @Id
        long id;

        Book() {}

        Book(long id) {
            this.id = id;
        }
    }

    interface Books extends CrudRepository<Book, Long> {}

    @TestConfiguration(proxyBeanMethods = false)
    static class PrimaryEmbedded {

        @Bean
        @Primary
        DataSource stub() {
            return new EmbeddedDatabaseBuilder()
                    .setType(EmbeddedDatabaseType.H2)
                    .generateUniqueName(true)
                    .build();
        }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class PrimaryStub {

        @Bean
        @Primary
        DataSource stub() {
            return new AbstractDataSource() {
                @Override
                public Connection getConnection() {
                    throw new IllegalStateException("No test asks for one");
                }

                @Override
                public Connection getConnection(String username, String password) {
                    return getConnection();
                }
            };
        }

        @Bean
        JdbcConnectionDetails details(Environment environment) {
            JdbcConnectionDetails details = mock(JdbcConnectionDetails.class);
            when(details.getJdbcUrl()).thenReturn(environment.getRequiredProperty("spring.datasource.url"));
            return details;
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Several {

        @Bean
        @Primary
        DataSource local() {
            return DataSourceBuilder.create().url("jdbc:h2:mem:several").build();
        }

        @Bean
        DataSource other() {
            return DataSourceBuilder.create()
                    .url("jdbc:postgresql://no.such.host.invalid/other")
                    .build();
        }
    }

    /** Events between modules of an application. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Listening {

        final List<String> heard = new java.util.concurrent.CopyOnWriteArrayList<>();

        @Autowired
        ApplicationEventPublisher events;

        @Autowired
        TransactionTemplate transactions;

        void publish(String event) {
            transactions.executeWithoutResult(status -> events.publishEvent(event));
        }

        @EventListener
        void ready(ApplicationReadyEvent event) {
            heard.add("ready");
        }

        @EventListener
        void any(String event) {
            heard.add(event);
        }

        @TransactionalEventListener
        void committed(String event) {
            heard.add(event + " committed");
        }
    }

    @RestController
    static class Page {

        private final MirroredSupervisor supervisor;

        Page(MirroredSupervisor supervisor) {
            this.supervisor = supervisor;
        }

        @GetMapping("/children")
        int children() {
            return supervisor.whichChildren().size();
        }
    }
}
