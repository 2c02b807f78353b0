package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredSupervisorDataSource;
import io.github.mirroredsupervisor.autoconfigure.database.SupervisorDatabase;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.LogLevel;
import io.github.mirroredsupervisor.testing.Logins;
import io.github.mirroredsupervisor.testing.RecordedLog;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.r2dbc.spi.ConnectionFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.mockito.Mockito;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationContextInitializedEvent;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.integration.autoconfigure.IntegrationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Whole applications whose password never appears in a log or message, whichever setting has it and however the
 * connection fails. The loggers of pools and the driver are left out.
 */
class ApplicationSecretsTests {

    private static final String OWN_LOGGERS = "io.github.mirroredsupervisor";

    /** A part of every secret, however the secret is encoded. */
    private static final String MARK = "hunter2";

    private static final List<String> PASSWORDS =
            List.of("50%off-" + MARK, "p&ss?" + MARK + "=x", "qu'o\"te " + MARK, "a@b:" + MARK + "/c;d");

    private static final List<String> OF_OTHERS = List.of(
            "com.zaxxer.",
            "org.apache.tomcat.jdbc.",
            "org.apache.commons.dbcp2.",
            "com.mchange.",
            "oracle.",
            "org.postgresql.");

    private static final List<String> POOLS = List.of(
            "com.zaxxer.hikari.HikariDataSource",
            "org.apache.tomcat.jdbc.pool.DataSource",
            "org.apache.commons.dbcp2.BasicDataSource",
            "com.mchange.v2.c3p0.ComboPooledDataSource",
            "oracle.ucp.jdbc.PoolDataSourceImpl",
            "org.postgresql.ds.PGSimpleDataSource");

    private static final List<String> ENDPOINTS = List.of(
            "",
            "/health",
            "/supervisors",
            "/supervisors/secretive",
            "/configprops",
            "/env",
            "/beans",
            "/metrics",
            "/conditions",
            "/threaddump");

    private static final List<String> TABLES = List.of("history", "child", "peer", "member", "supervision_group");

    private static final String H2 = "jdbc:h2:mem:secretive";

    private final Database database = TestPostgres.emptyDatabase();

    private final HttpClient http = HttpClient.newHttpClient();

    /** Ends all sessions: the next application of a test must not meet those of an earlier one. */
    @AfterEach
    void dropSessions() {
        database.jdbc()
                .sql("select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                        + " where datname = current_database() and pid <> pg_backend_pid()")
                .query(Boolean.class)
                .list();
    }

    private enum Outcome {
        STARTS("20s"),
        FAILS("1s"),
        EITHER("2s");

        /** How long the application tries to join. */
        private final String patience;

        Outcome(String patience) {
            this.patience = patience;
        }
    }

    @TestFactory
    Stream<DynamicTest> ofAnApplicationThatRuns() {
        return POOLS.stream()
                .map(pool -> DynamicTest.dynamicTest(pool, () -> {
                    Database login = login(PASSWORDS.get(POOLS.indexOf(pool) % PASSWORDS.size()));
                    tellsNothing(
                            Outcome.STARTS,
                            Map.of(
                                    "spring.datasource.type",
                                    pool,
                                    "spring.datasource.url",
                                    login.jdbcUrl(),
                                    "spring.datasource.username",
                                    login.username(),
                                    "spring.datasource.password",
                                    login.password()));
                }));
    }

    @Test
    void ofAPasswordInTheUrl() {
        Database login = login(PASSWORDS.get(3));
        tellsNothing(Outcome.STARTS, url(inUrl(login, encoded(login.password()))));
        tellsNothing(Outcome.EITHER, url(inUrl(login, PASSWORDS.get(0))));
        tellsNothing(Outcome.EITHER, url(inUrl(login, PASSWORDS.get(1))));
    }

    @Test
    void ofAPasswordBeforeTheHost() {
        tellsNothing(Outcome.FAILS, url(database.jdbcUrl().replace("//", "//somebody:" + PASSWORDS.get(3) + "@")));
    }

    @Test
    void ofAPasswordInAUrlThatIsForAnotherDriver() {
        for (String url :
                List.of("postgresql://root:" + PASSWORDS.get(0) + "@h/d", "jdbc:mysql://root:" + MARK + "@h/d")) {
            tellsNothing(
                    Outcome.FAILS,
                    Map.of(
                            "spring.datasource.url",
                            url,
                            "spring.datasource.driver-class-name",
                            "org.postgresql.Driver"));
        }
    }

    @Test
    void ofAServerThatRefuses() {
        Database login = login("right");
        tellsNothing(Outcome.FAILS, "strict", credentials(POOLS.get(0), login.jdbcUrl(), login.username()));
        tellsNothing(Outcome.STARTS, "lenient", credentials(POOLS.get(1), login.jdbcUrl(), login.username()));
    }

    @Test
    void ofAServerThatIsNotThere() {
        String nowhere = database.jdbcUrl().replaceFirst(":\\d+/", ":1/");
        String unknown = "jdbc:postgresql://no.such.host.invalid/d?options=-c%20x." + MARK + "%3D" + MARK
                + "&sslpassword=" + MARK;
        tellsNothing(Outcome.STARTS, "lenient", credentials(POOLS.get(0), nowhere, "somebody"));
        tellsNothing(Outcome.FAILS, "strict", credentials(POOLS.get(3), unknown, "somebody"));
    }

    @Test
    void ofTheSupervisorsOwnSettings() {
        Database login = login(PASSWORDS.get(3));
        Map<String, String> own = Map.of(
                "spring.datasource.url",
                H2,
                "mirrored-supervisor.datasource.url",
                login.jdbcUrl(),
                "mirrored-supervisor.datasource.username",
                login.username());
        tellsNothing(Outcome.STARTS, with(own, "mirrored-supervisor.datasource.password", login.password()));
        tellsNothing(Outcome.FAILS, with(own, "mirrored-supervisor.datasource.password", "wrong-" + MARK));
        tellsNothing(
                Outcome.EITHER,
                Map.of(
                        "spring.datasource.url",
                        H2,
                        "mirrored-supervisor.datasource.url",
                        inUrl(login, PASSWORDS.get(0))));
    }

    @Test
    void besideR2dbc() {
        tellsNothing(
                Reactive.class,
                Outcome.FAILS,
                Map.of("spring.r2dbc.url", "r2dbc:postgresql://u:" + MARK + "@h/d", "spring.r2dbc.password", MARK));
    }

    @Test
    void ofADataSourceOfTheApplication() {
        tellsNothing(OwnDataSource.class, Outcome.EITHER, Map.of("own.url", inUrl(database, PASSWORDS.get(0))));
        tellsNothing(
                OwnCode.class,
                Outcome.EITHER,
                Map.of("own.url", database.jdbcUrl().replace("//", "//u:" + PASSWORDS.get(3) + "@")));
    }

    private Database login(String password) {
        Database login = Logins.login(database, password);
        database.execute(
                "grant create on database " + database.name() + " to " + login.username(),
                "drop schema if exists mirrored_supervisor cascade");
        return login;
    }

    private static Map<String, String> url(String url) {
        return Map.of("spring.datasource.url", url);
    }

    private static Map<String, String> credentials(String pool, String url, String username) {
        return Map.of(
                "spring.datasource.type",
                pool,
                "spring.datasource.url",
                url,
                "spring.datasource.username",
                username,
                "spring.datasource.password",
                PASSWORDS.get(0));
    }

    private static Map<String, String> with(Map<String, String> settings, String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put(name, value);
        return all;
    }

    private static String inUrl(Database login, String password) {
        return login.jdbcUrl() + "?user=" + login.username() + "&password=" + password;
    }

    private static String encoded(String password) {
        return URLEncoder.encode(password, StandardCharsets.UTF_8);
    }

    private void tellsNothing(Outcome outcome, Map<String, String> settings) {
        tellsNothing(Application.class, outcome, settings);
    }

    private void tellsNothing(Outcome outcome, String startup, Map<String, String> settings) {
        tellsNothing(outcome, with(settings, "mirrored-supervisor.startup", startup));
    }

    private void tellsNothing(Class<?> application, Outcome expected, Map<String, String> settings) {
        Told told = new Told();
        List<RecordedLog> logs = new ArrayList<>();
        Outcome outcome;
        LogLevel before = LogLevel.keep(OWN_LOGGERS);
        try (ConfigurableApplicationContext context =
                application(application, expected, settings, logs).run()) {
            outcome = Outcome.STARTS;
            ask(context, told);
        } catch (RuntimeException ex) {
            outcome = Outcome.FAILS;
            told.add("the failure", stackTrace(ex));
        } finally {
            logs.forEach(log -> log.everything().stream()
                    .filter(line -> OF_OTHERS.stream().noneMatch(line::startsWith))
                    .forEach(line -> told.add("the log", line)));
            logs.forEach(RecordedLog::close);
            before.close();
        }
        if (expected != Outcome.EITHER) {
            assertThat(outcome).as("with %s it says: %s", settings, told).isEqualTo(expected);
        }
        told.assertKeepsSecrets(settings);
    }

    private static SpringApplicationBuilder application(
            Class<?> application, Outcome expected, Map<String, String> settings, List<RecordedLog> logs) {
        return new SpringApplicationBuilder(application)
                .web(expected == Outcome.FAILS ? WebApplicationType.NONE : WebApplicationType.SERVLET)
                .listeners((ApplicationListener<ApplicationContextInitializedEvent>)
                        event -> logs.add(RecordedLog.of("ROOT")))
                .properties(new LinkedHashMap<>(settings))
                .properties(
                        "server.port=0",
                        "spring.application.name=secretive",
                        "spring.flyway.enabled=false",
                        "spring.liquibase.enabled=false",
                        "mirrored-supervisor.lease=1s",
                        "mirrored-supervisor.call-timeout=" + expected.patience,
                        "management.endpoints.web.exposure.include=*",
                        "management.endpoint.health.show-details=always",
                        "management.health.db.enabled=false",
                        "logging.level." + OWN_LOGGERS + "=TRACE");
    }

    private void ask(ConfigurableApplicationContext context, Told told) {
        String base = "http://localhost:" + context.getEnvironment().getProperty("local.server.port") + "/actuator";
        ENDPOINTS.forEach(endpoint -> told.add("the endpoint " + endpoint, get(base + endpoint)));
        for (String name : context.getBeanDefinitionNames()) {
            Object bean = context.getBeanFactory().getSingleton(name);
            if (bean != null && bean.getClass().getName().startsWith("io.github.mirroredsupervisor.")) {
                told.add("the bean " + name, bean.toString());
            }
        }
        SupervisorDatabase known = context.getBean(SupervisorDatabase.class);
        told.add("the source", known.source() + " " + known.source().place());
        Thread.getAllStackTraces().keySet().forEach(thread -> told.add("a thread", thread.getName()));
        strings("select application_name from pg_stat_activity where application_name is not null")
                .forEach(name -> told.add("an application_name", name));
        if (!strings(
                        "select to_regclass('mirrored_supervisor.history')::text where to_regclass('mirrored_supervisor.history') is not null")
                .isEmpty()) {
            for (String table : TABLES) {
                strings("select t::text from mirrored_supervisor." + table + " t")
                        .forEach(row -> told.add("a row of " + table, row));
            }
        }
    }

    private List<String> strings(String sql) {
        return database.jdbc().sql(sql).query(String.class).list();
    }

    private String get(String uri) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(uri))
                .timeout(Duration.ofSeconds(20))
                .build();
        try {
            return http.send(request, BodyHandlers.ofString()).body();
        } catch (IOException ex) {
            throw new AssertionError(ex);
        } catch (InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new AssertionError(ex);
        }
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** The texts, by their source. */
    private static final class Told {

        private final Map<String, StringBuilder> texts = new LinkedHashMap<>();

        void add(String by, String text) {
            texts.computeIfAbsent(by, any -> new StringBuilder()).append(text).append('\n');
        }

        void assertKeepsSecrets(Map<String, String> settings) {
            assertThat(texts.get("the log")).as("the log").isNotNull();
            texts.forEach((by, text) -> assertThat(text.toString().lines().filter(line -> line.contains(MARK)))
                    .as("%s tells a secret of %s", by, settings)
                    .isEmpty());
        }

        @Override
        public String toString() {
            return String.valueOf(texts.get("the failure"));
        }
    }

    /** Without the beans that open the application's connections with their own time-outs. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration(
            exclude = {
                HibernateJpaAutoConfiguration.class,
                DataJpaRepositoriesAutoConfiguration.class,
                DataSourcePoolMetricsAutoConfiguration.class,
                IntegrationAutoConfiguration.class
            })
    static class Application {

        @Bean
        @MirroredChild("child")
        ChildProcess child() {
            return context -> {
                while (!context.isStopping()) {
                    context.sleep(Duration.ofMillis(50));
                }
            };
        }
    }

    static class Reactive extends Application {

        @Bean
        ConnectionFactory connectionFactory() {
            return Mockito.mock(ConnectionFactory.class);
        }
    }

    static class OwnDataSource extends Application {

        @Bean
        DataSource dataSource(Environment environment) {
            return new Own(environment.getRequiredProperty("own.url"));
        }
    }

    /** The driver prints the whole URL if it cannot parse it. */
    static final class Own extends DriverManagerDataSource {

        Own(String url) {
            super(url);
        }

        @Override
        public Connection getConnection() throws SQLException {
            return DriverManager.getConnection(String.valueOf(getUrl()));
        }
    }

    static class OwnCode extends Application {

        @Bean
        @MirroredSupervisorDataSource
        DataSource dataSource(Environment environment) {
            String url = environment.getRequiredProperty("own.url");
            return new AbstractDataSource() {
                @Override
                public Connection getConnection() throws SQLException {
                    return DriverManager.getConnection(url);
                }

                @Override
                public Connection getConnection(@Nullable String username, @Nullable String password)
                        throws SQLException {
                    return getConnection();
                }

                @Override
                public String toString() {
                    return url;
                }
            };
        }
    }
}
