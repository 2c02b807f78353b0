package io.github.mirroredsupervisor.internal.postgres.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource.Attempt;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource.Preparation;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.Logins;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** Where and as whom this library connects. */
class DriverConnectionsTests {

    private static final Attempt ATTEMPT = new Attempt("tests", Duration.ofSeconds(30), Duration.ofSeconds(30));

    /** What an application says about its way to the server, and what is therefore left as it is. */
    private static final Set<String> KEPT = Set.of(
            "PGDBNAME",
            "PGHOST",
            "PGPORT",
            "assumeMinServerVersion",
            "authenticationPluginClassName",
            "binaryTransfer",
            "binaryTransferDisable",
            "binaryTransferEnable",
            "channelBinding",
            "classLoaderStrategy",
            "connectExecutor",
            "connectExecutorArg",
            "currentSchema",
            "databaseMetadataCacheFields",
            "databaseMetadataCacheFieldsMiB",
            "groupStartupParameters",
            "gssEncMode",
            "gssUseDefaultCreds",
            "gsslib",
            "hideUnprivilegedObjects",
            "jaasApplicationName",
            "jaasLogin",
            "kerberosServerName",
            "loadBalanceHosts",
            "localSocketAddress",
            "logServerErrorDetail",
            "loggerFile",
            "loggerLevel",
            "maxSendBufferSize",
            "options",
            "password",
            "pemKeyAlgorithm",
            "preferQueryMode",
            "prepareThreshold",
            "preparedStatementCacheQueries",
            "preparedStatementCacheSizeMiB",
            "protocolVersion",
            "receiveBufferSize",
            "requireAuth",
            "scramMaxIterations",
            "sendBufferSize",
            "service",
            "socketFactory",
            "socketFactoryArg",
            "ssl",
            "sslNegotiation",
            "sslcert",
            "sslfactory",
            "sslfactoryarg",
            "sslhostnameverifier",
            "sslkey",
            "sslmode",
            "sslpassword",
            "sslpasswordcallback",
            "sslrootcert",
            "sspiServiceClass",
            "useSpnego",
            "user",
            "xmlFactoryFactory");

    private final Database database = TestPostgres.clearedDatabase(DriverConnectionsTests.class);

    @Test
    void everyParameterOfTheDriverIsDecidedAbout() {
        Set<String> undecided = new TreeSet<>();
        Arrays.stream(PGProperty.values()).map(PGProperty::getName).forEach(undecided::add);
        undecided.removeAll(KEPT);
        undecided.removeAll(DriverConnections.BOUNDS);
        undecided.removeAll(DriverConnections.DEFAULTED);
        assertThat(undecided).isEmpty();
        assertThat(KEPT)
                .doesNotContainAnyElementsOf(DriverConnections.BOUNDS)
                .doesNotContainAnyElementsOf(DriverConnections.DEFAULTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"p%w", "100%25", "a&b=c?d", "with spaces and 'quotes\"", "pässwörd-пароль-密码", "#!:@/\\+"})
    void takesAnyPassword(String password) throws SQLException {
        Database login = Logins.login(database, password);
        try (Connection connection = connections(database.jdbcUrl(), Map.of(), login, Preparation.NONE)
                .open(ATTEMPT)) {
            assertThat(ask(connection, "select session_user")).isEqualTo(login.username());
        }
        String inTheUrl = database.jdbcUrl() + "?user=" + login.username() + "&password="
                + URLEncoder.encode(password, StandardCharsets.UTF_8);
        try (Connection connection =
                new DriverConnections(inTheUrl, Map.of(), () -> Credentials.NONE, Preparation.NONE).open(ATTEMPT)) {
            assertThat(ask(connection, "select session_user")).isEqualTo(login.username());
        }
    }

    @Test
    void aUrlThatCannotBeReadIsRefusedWithoutPrintingIt() {
        String url = database.jdbcUrl() + "?password=secret%&ssl=false";
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() ->
                        new DriverConnections(url, Map.of(), () -> Credentials.NONE, Preparation.NONE).open(ATTEMPT))
                .withMessageContaining(database.jdbcUrl())
                .withMessageContaining("%25")
                .satisfies(ex -> assertThat(ex.toString()).doesNotContain("secret"));
    }

    @Test
    void asksForTheCredentialsAtEachAttempt() throws SQLException {
        Database login = Logins.login(database, "first");
        AtomicReference<Credentials> present = new AtomicReference<>(new Credentials(login.username(), "first"));
        ConnectionSource source = new DriverConnections(database.jdbcUrl(), Map.of(), present::get, Preparation.NONE);
        source.open(ATTEMPT).close();

        Logins.changePassword(login, database, "second");
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> source.open(ATTEMPT))
                .satisfies(ex -> assertThat(ex.getSQLState()).isEqualTo("28P01"));
        present.set(new Credentials(login.username(), "second"));
        source.open(ATTEMPT).close();
    }

    @Test
    void beginsEachSessionAsTheApplicationDoes() throws SQLException {
        String owner = Logins.owner(database);
        Database login = Logins.login(database, "login", owner);
        Preparation setRole = Preparation.of(List.of("SET ROLE " + owner, "SET TIME ZONE 'Asia/Tokyo'"));
        try (Connection connection =
                connections(database.jdbcUrl(), Map.of(), login, setRole).open(ATTEMPT)) {
            assertThat(ask(connection, "select current_user")).isEqualTo(owner);
            assertThat(ask(connection, "show timezone")).isEqualTo("Asia/Tokyo");
        }
    }

    @Test
    void keepsTheOptionsOfTheUrl() throws SQLException {
        String owner = Logins.owner(database);
        Database login = Logins.login(database, "login", owner);
        String url = database.jdbcUrl() + "?options=-c%20role%3D" + owner + "%20-c%20work_mem%3D5MB";
        try (Connection connection =
                connections(url, Map.of(), login, Preparation.NONE).open(ATTEMPT)) {
            assertThat(ask(connection, "select current_user")).isEqualTo(owner);
            assertThat(ask(connection, "show work_mem")).isEqualTo("5MB");
        }
        Map<String, String> options = Map.of("options", "-c role=" + owner);
        try (Connection connection = connections(database.jdbcUrl(), options, login, Preparation.NONE)
                .open(ATTEMPT)) {
            assertThat(ask(connection, "select current_user")).isEqualTo(owner);
        }
    }

    @Test
    void replacesWhatWouldUndoItsBoundsOrItsStatements() throws SQLException {
        String url = database.jdbcUrl() + "?socketTimeout=0&loginTimeout=0&ApplicationName=other&readOnly=true"
                + "&readOnlyMode=always&autosave=always&defaultRowFetchSize=1&stringtype=unspecified&queryTimeout=1"
                + "&targetServerType=secondary";
        try (Connection connection = connections(url, Map.of("autosave", "always"), database, Preparation.NONE)
                .open(ATTEMPT)) {
            assertThat(connection.isReadOnly()).isFalse();
            assertThat(connection.getNetworkTimeout()).isEqualTo(30_000);
            assertThat(connection.unwrap(PGConnection.class).getAutosave().value())
                    .isEqualTo("never");
            assertThat(connection.unwrap(PGConnection.class).getDefaultFetchSize())
                    .isZero();
            assertThat(ask(connection, "show application_name")).isEqualTo("tests");
        }
    }

    @Test
    void givesUpOnAnApplicationThatTakesTooLongForItsCredentials() throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(1);
        ConnectionSource source = new DriverConnections(
                database.jdbcUrl(),
                Map.of(),
                () -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException ex) {
                        interrupted.countDown();
                    }
                    return Credentials.NONE;
                },
                Preparation.NONE);
        Attempt brief = new Attempt("tests", Duration.ofMillis(200), Duration.ofSeconds(1));

        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> source.open(brief))
                .withMessageContaining("200 ms");
        assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anApplicationThatFailsToGetCredentialsIsADatabaseThatDoesNotAnswer() {
        ConnectionSource source = new DriverConnections(
                database.jdbcUrl(),
                Map.of(),
                () -> {
                    throw new IllegalStateException("no token");
                },
                Preparation.NONE);

        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> source.open(ATTEMPT))
                .withMessageContaining("no token")
                .satisfies(ex -> assertThat(ex.getSQLState()).startsWith("08"));
    }

    @Test
    void closesAConnectionThatComesTooLate() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        AtomicReference<Connection> opened = new AtomicReference<>();
        CountDownLatch aborted = new CountDownLatch(1);
        ConnectionSource source = new ProvidedConnections(
                new AbstractDataSource() {
                    @Override
                    public Connection getConnection() throws SQLException {
                        boolean waiting = true;
                        while (waiting) {
                            try {
                                late.await();
                                waiting = false;
                            } catch (InterruptedException ex) {
                                // as code does that does not listen
                            }
                        }
                        opened.set(database.connect());
                        aborted.countDown();
                        return opened.get();
                    }

                    @Override
                    public Connection getConnection(String username, String password) throws SQLException {
                        return getConnection();
                    }
                },
                Preparation.NONE,
                "a slow one");
        Attempt brief = new Attempt("tests", Duration.ofMillis(200), Duration.ofSeconds(30));

        assertThatExceptionOfType(SQLException.class).isThrownBy(() -> source.open(brief));
        late.countDown();

        assertThat(aborted.await(30, TimeUnit.SECONDS)).isTrue();
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> opened.get().isClosed());
    }

    @Test
    void refusesConnectionsOfAnotherDriver() {
        ConnectionSource source = new ProvidedConnections(
                new org.springframework.jdbc.datasource.DriverManagerDataSource("jdbc:h2:mem:other"),
                Preparation.NONE,
                "the other one");

        assertThatExceptionOfType(UnsupportedServerException.class)
                .isThrownBy(() -> source.open(ATTEMPT))
                .withMessageContaining("mirrored-supervisor.datasource.url");
    }

    private static DriverConnections connections(
            String url, Map<String, String> properties, Database login, Preparation preparation) {
        return new DriverConnections(
                url, properties, () -> new Credentials(login.username(), login.password()), preparation);
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
