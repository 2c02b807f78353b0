package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.testing.LogLevel;
import io.github.mirroredsupervisor.testing.TestStores;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * Whatever the password is and wherever it stands, it is in no log and in no exception, with everything logged that
 * there is to log.
 */
@ExtendWith(OutputCaptureExtension.class)
class NoSecretIsToldTests extends StoreTest {

    private static final List<String> LOGGERS = List.of("io.github.mirroredsupervisor", "org.postgresql");

    private final String role = "secretive_" + database.name();
    private final List<LogLevel> levels = new ArrayList<>();

    private final java.util.logging.Logger driver = java.util.logging.Logger.getLogger("org.postgresql");
    private final java.util.logging.Level before = driver.getLevel();

    private void logEverything() {
        LOGGERS.forEach(name -> levels.add(LogLevel.set(name, Level.TRACE)));
        driver.setLevel(java.util.logging.Level.ALL);
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    @AfterEach
    void logAsBefore() throws Exception {
        closeSessions();
        levels.forEach(LogLevel::close);
        driver.setLevel(before);
        SLF4JBridgeHandler.uninstall();
        database.execute("drop owned by " + role, "drop role " + role);
    }

    @ParameterizedTest
    @ValueSource(strings = {"50%off-hunter2", "p@ss:w/rd?hunter2&x=y", "a b+c#hunter2", "%41hunter2%"})
    void ofAStrangePassword(String password, CapturedOutput output) {
        createRole(password);
        String encoded = URLEncoder.encode(password, StandardCharsets.UTF_8);
        String url = database.jdbcUrl();
        String host = url.substring("jdbc:postgresql://".length());

        String told = use(TestStores.settings(url, role, password, Map.of()))
                + use(TestStores.settings(url, null, null, Map.of("user", role, "password", password)))
                + use(TestStores.settings(url + "?user=" + role + "&password=" + encoded, null, null, Map.of()))
                + use(TestStores.settings(url + "?user=" + role + "&password=" + password, null, null, Map.of()))
                + use(TestStores.settings(url + "?sslmode=require&sslpassword=" + encoded, role, password, Map.of()))
                + use(TestStores.settings(
                        "jdbc:postgresql://" + role + ":" + password + "@" + host, null, null, Map.of()))
                + use(TestStores.settings(
                        "jdbc:postgresql://" + role + ":" + encoded + "@" + host, null, null, Map.of()))
                + use(TestStores.settings(url.replaceFirst("localhost:\\d+", "localhost:1"), role, password, Map.of()))
                + use(TestStores.settings(
                        url.replaceFirst("localhost", "no.such.host.invalid"), role, password, Map.of()));

        assertThat(told + output).doesNotContain("hunter2", password, encoded);
    }

    @Test
    void ofAPasswordThatIsWrong(CapturedOutput output) {
        createRole("right");
        String url = database.jdbcUrl() + "?user=" + role + "&password=wrong-hunter2";
        String told = use(TestStores.settings(url, null, null, Map.of("sslpassword", "third-hunter2")));
        assertThat(told + output).doesNotContain("hunter2");
    }

    /** Uses every session, and returns what the failures say, if there are any. */
    private String use(ConnectionSettings settings) {
        PostgresStore store = new PostgresStore(settings);
        StringWriter told = new StringWriter();
        List<Runnable> uses = List.of(
                () -> opened(store.openWork()).group(GROUP),
                () -> opened(store.openRenewals()).comeBack(a),
                () -> opened(store.openHints(Set.of(GROUP))).await(a, Duration.ofMillis(1)));
        for (Runnable use : uses) {
            Throwable failure = catchThrowable(use::run);
            if (failure != null) {
                assertThat(failure).isInstanceOf(StoreException.class);
                failure.printStackTrace(new PrintWriter(told));
            }
        }
        return told + settings.toString();
    }

    private void createRole(String password) {
        database.execute(
                "create role " + role + " login password '" + password + "'",
                "grant usage on schema mirrored_supervisor to " + role,
                "grant select, insert, update, delete on all tables in schema mirrored_supervisor to " + role);
        work().join(request(a, Set.of("relay"), List.of()));
        logEverything(); // the server is told the new password in a statement, and the driver logs those
    }
}
