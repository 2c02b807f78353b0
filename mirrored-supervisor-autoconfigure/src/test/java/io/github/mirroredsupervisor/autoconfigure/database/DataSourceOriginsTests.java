package io.github.mirroredsupervisor.autoconfigure.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Answers.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;

import com.mchange.v2.c3p0.AbstractConnectionCustomizer;
import com.mchange.v2.c3p0.ComboPooledDataSource;
import com.p6spy.engine.spy.P6DataSource;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource.Attempt;
import io.github.mirroredsupervisor.internal.postgres.source.UnpooledDataSource;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.Logins;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.ClassUtils;
import org.vibur.dbcp.ViburDBCPDataSource;

/**
 * Every kind of data source that an application may have: the supervisor's own connections use the same server,
 * database and role.
 */
class DataSourceOriginsTests {

    private static final Attempt ATTEMPT = new Attempt("tests", Duration.ofSeconds(30), Duration.ofSeconds(30));

    private static final Database DATABASE = TestPostgres.emptyDatabase();

    /** A role without rights. The application logs in as it, and then acts as another role. */
    private static final String PASSWORD = "p%w & ü'\"";

    private static final String OWNER = Logins.owner(DATABASE);

    private static final String LOGIN = Logins.login(DATABASE, PASSWORD, OWNER).username();

    /** Pools that JDBC's {@code unwrap} does not find inside a wrapper. p6spy has no other way. */
    private static final Set<String> WITHOUT_UNWRAP = Set.of("Tomcat", "Vibur", "getters of the usual names");

    private static final String SET_ROLE = "SET ROLE " + OWNER;

    /** With SET ROLE if the pool can run statements at the start of a session, else as the role that logs in. */
    @TestFactory
    Stream<DynamicTest> connectsAsTheApplicationDoes() {
        Map<String, DataSource> acting = new LinkedHashMap<>();
        acting.put("Hikari", hikari(config -> config.setJdbcUrl(DATABASE.jdbcUrl())));
        acting.put("Hikari around a data source", hikari(config -> config.setDataSource(simple())));
        acting.put("Hikari by class name", hikari(config -> {
            config.setDataSourceClassName(PGSimpleDataSource.class.getName());
            config.addDataSourceProperty("url", DATABASE.jdbcUrl());
        }));
        acting.put("Hikari with a provider of credentials", hikari(config -> {
            config.setJdbcUrl(DATABASE.jdbcUrl());
            config.setUsername("nobody");
            config.setCredentialsProvider(() -> Credentials.of(LOGIN, PASSWORD));
        }));
        acting.put("Tomcat", tomcat());
        acting.put("DBCP2", dbcp2());
        acting.put("c3p0", c3p0());
        acting.put("Vibur", vibur());
        Map<String, DataSource> plain = new LinkedHashMap<>();
        plain.put("PGSimpleDataSource", simple());
        plain.put("PGSimpleDataSource by parts", byParts());
        plain.put("DriverManagerDataSource", driverManager(new DriverManagerDataSource()));
        plain.put("SingleConnectionDataSource", driverManager(new SingleConnectionDataSource()));
        plain.put("SimpleDriverDataSource", simpleDriver());
        plain.put("code of the application", driverManager(new Tokens()));
        plain.put("getters of the usual names", new Getters());

        Stream<DynamicTest> tests =
                acting.entrySet().stream().flatMap(entry -> dressed(entry.getKey(), entry.getValue(), OWNER));
        return Stream.concat(
                tests, plain.entrySet().stream().flatMap(entry -> dressed(entry.getKey(), entry.getValue(), LOGIN)));
    }

    private static Stream<DynamicTest> dressed(String name, DataSource dataSource, String user) {
        Map<String, Function<DataSource, DataSource>> dresses = new LinkedHashMap<>();
        dresses.put("", Function.identity());
        dresses.put(", lazy", LazyConnectionDataSourceProxy::new);
        dresses.put(", transaction-aware", TransactionAwareDataSourceProxy::new);
        dresses.put(", delegating twice", inner -> new DelegatingDataSource(new DelegatingDataSource(inner)));
        dresses.put(", advised", inner -> {
            ProxyFactory factory = new ProxyFactory(inner);
            factory.setInterfaces(DataSource.class);
            return (DataSource) factory.getProxy();
        });
        dresses.put(
                ", datasource-proxy",
                inner -> ProxyDataSourceBuilder.create(inner).build());
        if (!WITHOUT_UNWRAP.contains(name)) {
            dresses.put(", p6spy", P6DataSource::new);
        }
        dresses.put(", routed by default", inner -> routing(Map.of("other", new DelegatingDataSource()), inner));
        dresses.put(", the only one routed to", inner -> routing(Map.of("only", inner), null));
        return dresses.entrySet().stream()
                .map(dress -> DynamicTest.dynamicTest(
                        name + dress.getKey(),
                        () -> assertThat(currentUser(resolve(dress.getValue().apply(dataSource))))
                                .isEqualTo(user)));
    }

    @Test
    void seesACredentialThatThePoolGotLater() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(DATABASE.jdbcUrl());
        pool.setUsername(LOGIN);
        pool.setPassword("wrong");
        ConnectionSource source = resolve(new LazyConnectionDataSourceProxy(pool));
        assertThatExceptionOfType(Exception.class).isThrownBy(() -> currentUser(source));

        pool.setCredentials(Credentials.of(LOGIN, PASSWORD));

        assertThat(currentUser(source)).isEqualTo(LOGIN);
    }

    @Test
    void keepsThePropertiesOfTheDriver() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(DATABASE.jdbcUrl());
        pool.setUsername(LOGIN);
        pool.setPassword(PASSWORD);
        pool.addDataSourceProperty("options", "-c role=" + OWNER);
        assertThat(currentUser(resolve(pool))).isEqualTo(OWNER);

        BasicDataSource dbcp2 = dbcp2();
        dbcp2.setConnectionInitSqls(List.of());
        dbcp2.addConnectionProperty("options", "-c role=" + OWNER);
        assertThat(currentUser(resolve(dbcp2))).isEqualTo(OWNER);

        DriverManagerDataSource spring = driverManager(new DriverManagerDataSource());
        Properties properties = new Properties();
        properties.setProperty("options", "-c role=" + OWNER);
        spring.setConnectionProperties(properties);
        assertThat(currentUser(resolve(spring))).isEqualTo(OWNER);

        PGSimpleDataSource simple = simple();
        simple.setOptions("-c role=" + OWNER);
        assertThat(currentUser(resolve(simple))).isEqualTo(OWNER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"p6spy", "otel", "opentracing", "log4jdbc", "aws-wrapper", "p6spy:otel"})
    void goesPastDriversThatStandBeforeTheRealOne(String wrapper) {
        Getters wrapped = new Getters();
        wrapped.url = DATABASE.jdbcUrl().replace("jdbc:", "jdbc:" + wrapper + ":");
        assertThat(currentUser(resolve(wrapped))).isEqualTo(LOGIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:tc:postgresql:18:///db",
                "jdbc:aws-wrapper:postgresql://h/d?wrapperPlugins=failover,iam",
                "jdbc:aws-wrapper:postgresql://h/d?x=1&wrapperPlugins=failover%2CawsSecretsManager",
                "jdbc-secretsmanager:postgresql://h/d",
                "jdbc:h2:mem:x",
                "jdbc:mysql://h/d"
            })
    void refusesInOneSentenceWhatItCannotReach(String url) {
        Getters wrapped = new Getters();
        wrapped.url = url;
        refused(wrapped, Problem.UNSUITABLE_DATABASE);
    }

    @Test
    void takesWhatTheConnectionDetailsKnowOfAContainer() {
        Getters container = new Getters();
        container.url = "jdbc:tc:postgresql:18:///db";
        ConnectionSource source =
                resolver(container, new Details(), new MockEnvironment()).resolve();
        assertThat(currentUser(source)).isEqualTo(LOGIN);
    }

    @Test
    void doesNotTakeThemForAnotherDatabaseThatATestPutInItsPlace() {
        Getters embedded = new Getters();
        embedded.url = "jdbc:h2:mem:test";
        assertThatExceptionOfType(SupervisorStartException.class)
                .isThrownBy(() ->
                        resolver(embedded, new Details(), new MockEnvironment()).resolve())
                .satisfies(ex -> assertThat(ex.problem()).isEqualTo(Problem.UNSUITABLE_DATABASE));
    }

    /** Oracle's pool does not reveal its password, and Agroal reveals nothing. */
    @Test
    void takesWhatTheConnectionDetailsKnowOfAPoolThatDoesNotTell() {
        for (DataSource pool : List.of(ucp(), agroal())) {
            ConnectionSource source =
                    resolver(pool, new Details(), new MockEnvironment()).resolve();
            assertThat(currentUser(source)).isEqualTo(LOGIN);
        }
    }

    /** A test replaces the application's data source by such a one; the connection details remain. */
    @Test
    void doesNotTakeThemForADataSourceThatWasNotMadeFromThem() {
        for (DataSource opaque : List.of(
                mock(DataSource.class),
                mock(DataSource.class, RETURNS_DEEP_STUBS),
                mock(HikariDataSource.class),
                mock(PGSimpleDataSource.class),
                mock(DriverManagerDataSource.class),
                mock(BasicDataSource.class),
                mock(ComboPooledDataSource.class),
                mock(org.apache.tomcat.jdbc.pool.DataSource.class),
                mock(DelegatingDataSource.class),
                new LazyConnectionDataSourceProxy(mock(DataSource.class)),
                hikari(config -> config.setDataSource(mock(DataSource.class))),
                new OutsideOfATenant(),
                ucp(),
                agroal())) {
            assertThatExceptionOfType(SupervisorStartException.class)
                    .as("%s", opaque.getClass())
                    .isThrownBy(() -> resolver(opaque, new Details(), new MockEnvironment(), false)
                            .resolve())
                    .satisfies(ex -> assertThat(ex.problem()).isEqualTo(Problem.UNKNOWN_CONNECTION));
        }
    }

    /** The URL is set; only the credentials are read from the data source. */
    @Test
    void takesTheCredentialsOfTheDetailsForItsOwnUrl() {
        MockEnvironment another =
                new MockEnvironment().withProperty("mirrored-supervisor.datasource.url", DATABASE.jdbcUrl());
        assertThat(currentUser(resolver(mock(DataSource.class), new Details(), another, false)
                        .resolve()))
                .isEqualTo(LOGIN);
    }

    @Test
    void refusesInOneSentenceWhatDoesNotTell() {
        refused(ucp(), Problem.UNKNOWN_CONNECTION);
        refused(agroal(), Problem.UNKNOWN_CONNECTION);
        refused(routing(Map.of("a", simple(), "b", simple()), null), Problem.UNKNOWN_CONNECTION);
        refused(
                new LazyConnectionDataSourceProxy(routing(Map.of("a", simple(), "b", simple()), null)),
                Problem.UNKNOWN_CONNECTION);
        refused(new OutsideOfATenant(), Problem.UNKNOWN_CONNECTION);
        refused(new SingleConnectionDataSource(DATABASE.connect(), true), Problem.UNKNOWN_CONNECTION);
        refused(new DelegatingDataSource(), Problem.UNKNOWN_CONNECTION);
    }

    @Test
    void connectsByTheSettingsAndOtherwiseAsTheApplication() {
        MockEnvironment another = new MockEnvironment()
                .withProperty("mirrored-supervisor.datasource.url", DATABASE.jdbcUrl() + "?connectTimeout=7");
        HikariDataSource pool = hikari(config -> config.setJdbcUrl("jdbc:postgresql://pooler.invalid/x"));
        assertThat(currentUser(resolver(pool, null, another).resolve())).isEqualTo(OWNER);

        another.setProperty("mirrored-supervisor.datasource.username", DATABASE.username());
        another.setProperty("mirrored-supervisor.datasource.password", DATABASE.password());
        assertThat(currentUser(resolver(pool, null, another).resolve())).isEqualTo(DATABASE.username());

        MockEnvironment onlyUser = new MockEnvironment()
                .withProperty("mirrored-supervisor.datasource.username", DATABASE.username())
                .withProperty("mirrored-supervisor.datasource.password", DATABASE.password());
        assertThat(currentUser(resolver(simple(), null, onlyUser).resolve())).isEqualTo(DATABASE.username());
    }

    @Test
    void asksTheEnvironmentForThePresentPassword() {
        MockEnvironment environment = new MockEnvironment()
                .withProperty("mirrored-supervisor.datasource.url", DATABASE.jdbcUrl())
                .withProperty("mirrored-supervisor.datasource.username", LOGIN)
                .withProperty("mirrored-supervisor.datasource.password", "wrong");
        ConnectionSource source = resolver(null, null, environment).resolve();
        assertThatExceptionOfType(Exception.class).isThrownBy(() -> currentUser(source));

        environment.setProperty("mirrored-supervisor.datasource.password", PASSWORD);

        assertThat(currentUser(source)).isEqualTo(LOGIN);
    }

    private static void refused(DataSource dataSource, Problem problem) {
        assertThatExceptionOfType(SupervisorStartException.class)
                .isThrownBy(() -> resolve(dataSource))
                .satisfies(ex -> {
                    assertThat(ex.problem()).isEqualTo(problem);
                    assertThat(ex.getMessage()).containsPattern("^[^.]+(\\.\\S[^.]*)*\\.$");
                    assertThat(ex.action()).startsWith("Set mirrored-supervisor.datasource.url");
                });
    }

    private static ConnectionSource resolve(DataSource dataSource) {
        return resolver(dataSource, null, new MockEnvironment()).resolve();
    }

    private static ConnectionResolver resolver(
            DataSource dataSource, JdbcConnectionDetails details, MockEnvironment environment) {
        return resolver(dataSource, details, environment, true);
    }

    private static ConnectionResolver resolver(
            DataSource dataSource, JdbcConnectionDetails details, MockEnvironment environment, boolean described) {
        DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
        if (dataSource != null) {
            beans.registerSingleton("dataSource", dataSource);
        }
        if (details != null) {
            beans.registerSingleton("details", details);
        }
        if (described) {
            beans.registerDependentBean("details", "dataSource");
        }
        ObjectProvider<DataSource> none = new DefaultListableBeanFactory().getBeanProvider(DataSource.class);
        return new ConnectionResolver(
                environment,
                new ConnectionResolver.Own(
                        environment.getProperty("mirrored-supervisor.datasource.url"),
                        environment.getProperty("mirrored-supervisor.datasource.username"),
                        environment.getProperty("mirrored-supervisor.datasource.password")),
                none,
                beans.getBeanProvider(JdbcConnectionDetails.class),
                beans.getBeanProvider(DataSource.class),
                new DescribedDataSources(beans)::contains,
                false);
    }

    @Test
    void theSettingsOfADatabaseOfItsOwnDoNotTellTheirPassword() {
        assertThat(new ConnectionResolver.Own("jdbc:postgresql://h/d?password=geheim1", "u", "geheim2"))
                .hasToString("Own[jdbc:postgresql://h/d]");
    }

    private static String currentUser(ConnectionSource source) {
        return new JdbcTemplate(new UnpooledDataSource(source, ATTEMPT))
                .queryForObject("select current_user", String.class);
    }

    private static HikariDataSource hikari(java.util.function.Consumer<HikariConfig> how) {
        HikariDataSource pool = new HikariDataSource();
        pool.setUsername(LOGIN);
        pool.setPassword(PASSWORD);
        pool.setConnectionInitSql(SET_ROLE);
        how.accept(pool);
        return pool;
    }

    private static DataSource tomcat() {
        org.apache.tomcat.jdbc.pool.DataSource pool = new org.apache.tomcat.jdbc.pool.DataSource();
        pool.setUrl(DATABASE.jdbcUrl());
        pool.setUsername(LOGIN);
        pool.setPassword(PASSWORD);
        pool.setInitSQL(SET_ROLE);
        return pool;
    }

    private static BasicDataSource dbcp2() {
        BasicDataSource pool = new BasicDataSource();
        pool.setUrl(DATABASE.jdbcUrl());
        pool.setUsername(LOGIN);
        pool.setPassword(PASSWORD);
        pool.setConnectionInitSqls(List.of(SET_ROLE));
        return pool;
    }

    private static DataSource c3p0() {
        ComboPooledDataSource pool = new ComboPooledDataSource();
        pool.setJdbcUrl(DATABASE.jdbcUrl());
        pool.setUser(LOGIN);
        pool.setPassword(PASSWORD);
        pool.setConnectionCustomizerClassName(ActAsOwner.class.getName());
        return pool;
    }

    private static DataSource vibur() {
        ViburDBCPDataSource pool = new ViburDBCPDataSource();
        pool.setJdbcUrl(DATABASE.jdbcUrl());
        pool.setUsername(LOGIN);
        pool.setPassword(PASSWORD);
        pool.setInitSQL(SET_ROLE);
        return pool;
    }

    private static DataSource agroal() {
        try {
            return AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                    .connectionPoolConfiguration(pool -> pool.maxSize(1)
                            .connectionFactoryConfiguration(factory -> factory.jdbcUrl(DATABASE.jdbcUrl())
                                    .principal(new NamePrincipal(LOGIN))
                                    .credential(new SimplePassword(PASSWORD))
                                    .initialSql(SET_ROLE))));
        } catch (SQLException ex) {
            throw new IllegalStateException(ex);
        }
    }

    /** As Spring Boot creates it. By name, because its classes have annotations that are not on the class path. */
    private static DataSource ucp() {
        return DataSourceBuilder.create()
                .type(ClassUtils.resolveClassName("oracle.ucp.jdbc.PoolDataSourceImpl", null)
                        .asSubclass(DataSource.class))
                .url(DATABASE.jdbcUrl())
                .username(LOGIN)
                .password(PASSWORD)
                .driverClassName("org.postgresql.Driver")
                .build();
    }

    /** Makes each of the pool's connections act as the owner. */
    public static final class ActAsOwner extends AbstractConnectionCustomizer {

        @Override
        public void onAcquire(Connection connection, String parentDataSourceIdentityToken) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute(SET_ROLE);
            }
        }
    }

    private static PGSimpleDataSource simple() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(DATABASE.jdbcUrl());
        dataSource.setUser(LOGIN);
        dataSource.setPassword(PASSWORD);
        return dataSource;
    }

    private static DataSource byParts() {
        Properties parts = org.postgresql.Driver.parseURL(DATABASE.jdbcUrl(), null);
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setServerNames(new String[] {parts.getProperty("PGHOST")});
        dataSource.setPortNumbers(new int[] {Integer.parseInt(parts.getProperty("PGPORT"))});
        dataSource.setDatabaseName(parts.getProperty("PGDBNAME"));
        dataSource.setUser(LOGIN);
        dataSource.setPassword(PASSWORD);
        return dataSource;
    }

    private static <D extends DriverManagerDataSource> D driverManager(D dataSource) {
        dataSource.setUrl(DATABASE.jdbcUrl());
        dataSource.setUsername(LOGIN);
        dataSource.setPassword(PASSWORD);
        return dataSource;
    }

    private static DataSource simpleDriver() {
        return new SimpleDriverDataSource(new org.postgresql.Driver(), DATABASE.jdbcUrl(), LOGIN, PASSWORD);
    }

    /** The password that it stores is not the one with which it connects. */
    private static final class Tokens extends DriverManagerDataSource {

        @Override
        public void setPassword(String password) {
            super.setPassword("none");
        }

        @Override
        public Connection getConnection() throws SQLException {
            return DriverManager.getConnection(DATABASE.jdbcUrl(), LOGIN, PASSWORD);
        }
    }

    private static AbstractRoutingDataSource routing(Map<Object, Object> targets, DataSource standard) {
        AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {
            @Override
            protected Object determineCurrentLookupKey() {
                throw new IllegalStateException("outside of a tenant");
            }
        };
        routing.setTargetDataSources(targets);
        if (standard != null) {
            routing.setDefaultTargetDataSource(standard);
        }
        routing.afterPropertiesSet();
        return routing;
    }

    /** The address, which a pool with such a URL does not have. */
    private static final class Details implements JdbcConnectionDetails {

        @Override
        public String getJdbcUrl() {
            return DATABASE.jdbcUrl();
        }

        @Override
        public String getUsername() {
            return LOGIN;
        }

        @Override
        public String getPassword() {
            return PASSWORD;
        }
    }

    /** An unknown pool with the usual getters. */
    public static class Getters extends OutsideOfATenant {

        String url = DATABASE.jdbcUrl();

        public String getJdbcUrl() {
            return url;
        }

        public String getUrl() {
            return url;
        }

        public String getUsername() {
            return LOGIN;
        }

        public String getPassword() {
            return PASSWORD;
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return false;
        }
    }

    /** Throws without a tenant. */
    public static class OutsideOfATenant implements DataSource {

        @Override
        public Connection getConnection() {
            throw new IllegalStateException("no tenant");
        }

        @Override
        public Connection getConnection(String username, String password) {
            throw new IllegalStateException("no tenant");
        }

        @Override
        public PrintWriter getLogWriter() {
            throw new IllegalStateException("no tenant");
        }

        @Override
        public void setLogWriter(PrintWriter out) {
            throw new IllegalStateException("no tenant");
        }

        @Override
        public void setLoginTimeout(int seconds) {
            throw new IllegalStateException("no tenant");
        }

        @Override
        public int getLoginTimeout() {
            throw new IllegalStateException("no tenant");
        }

        @Override
        public Logger getParentLogger() {
            throw new IllegalStateException("no tenant");
        }

        @Override
        public <T> T unwrap(Class<T> type) {
            throw new IllegalStateException("no tenant");
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            throw new IllegalStateException("no tenant");
        }
    }
}
