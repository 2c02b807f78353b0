package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.SpringFactoriesLoader;

@ExtendWith(OutputCaptureExtension.class)
class FailureAnalyzersTests {

    @Test
    void explainsWhatItWasGiven() {
        FailureAnalysis analysis = analyze(
                new SupervisorStartException(Problem.UNKNOWN_GROUP, "There is no such group.", "Name another."));

        assertThat(analysis.getDescription()).isEqualTo("There is no such group.");
        assertThat(analysis.getAction()).isEqualTo("Name another.");
    }

    @Test
    void explainsADatabaseThatDoesNotAnswer() {
        FailureAnalysis analysis = analyze(new StoreUnavailableException("no answer within 600 ms", null));

        assertThat(analysis.getDescription()).contains("no answer within 600 ms");
        assertThat(analysis.getAction()).contains("mirrored-supervisor.datasource.url");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "42501|Grant the role USAGE on schema mirrored_supervisor",
                "28P01|Check the user and the password",
                "28000|pg_hba.conf",
                "3D000|Create the database",
                "23505|A row with the same key",
                "42P01|schema.migrate=true",
                "42703|schema.migrate=true",
                "3F000|schema.migrate=true"
            })
    void explainsARefusalByItsKind(String sqlState, String advice) {
        FailureAnalysis analysis =
                analyze(new StoreRefusedException("the server objects", sqlState, new SQLException("any", sqlState)));

        assertThat(analysis.getDescription()).contains("refused", "the server objects");
        assertThat(analysis.getAction()).contains(advice);
    }

    @Test
    void explainsSilenceByItsCause() {
        assertThat(analyze(silence(new ConnectException("Connection refused"))).getAction())
                .contains("Start the database");
        assertThat(analyze(silence(new UnknownHostException("db"))).getAction()).contains("cannot be resolved");
        assertThat(analyze(new StoreUnavailableException("full", new SQLException("too many", "53300")))
                        .getAction())
                .contains("max_connections");
        assertThat(analyze(new StoreUnavailableException("early", new SQLException("starting up", "57P03")))
                        .getAction())
                .contains("Start the application again");
    }

    @Test
    void aServerThatAnsweredIsNotSilent() {
        FailureAnalysis analysis = analyze(new StoreUnavailableException(
                "Could not join", new UnsupportedServerException("This server is a standby.")));

        assertThat(analysis.getDescription()).isEqualTo("This server is a standby.");
    }

    private static StoreUnavailableException silence(Exception cause) {
        return new StoreUnavailableException("no answer", new SQLException("refused", "08001", cause));
    }

    @Test
    void explainsAServerThatCannotHoldTheStore() {
        FailureAnalysis analysis = analyze(new UnsupportedServerException("This server is a standby."));

        assertThat(analysis.getDescription()).isEqualTo("This server is a standby.");
        assertThat(analysis.getAction()).contains("PostgreSQL 14");
    }

    @Test
    void explainsWhichChildKeptTheApplicationFromStarting() {
        FailureAnalysis analysis = analyze(new ChildStartException("orders", "feed", "no such feed", null));

        assertThat(analysis.getDescription()).contains("'feed'", "'orders'", "no such feed");
        assertThat(analysis.getAction()).contains("mirrored-supervisor.groups.orders.on-start-failure");
    }

    @Test
    void listsTheChoicesOfASetting(CapturedOutput output) {
        try {
            new SpringApplication(Application.class)
                    .run("--spring.main.web-application-type=none", "--mirrored-supervisor.strategy=one-for-al");
        } catch (RuntimeException ex) {
            assertThat(output)
                    .contains("mirrored-supervisor.strategy")
                    .contains("one-for-al")
                    .contains("ONE_FOR_ALL", "ONE_FOR_ONE", "REST_FOR_ONE");
            return;
        }
        throw new AssertionError("it started");
    }

    @Test
    void isWhatTheApplicationPrints(CapturedOutput output) {
        try {
            new SpringApplication(Application.class)
                    .run("--spring.main.web-application-type=none", "--mirrored-supervisor.lease=10ms");
        } catch (RuntimeException ex) {
            assertThat(output)
                    .contains("APPLICATION FAILED TO START")
                    .contains("mirrored-supervisor.lease is 10ms")
                    .contains("at least 300ms");
            return;
        }
        throw new AssertionError("it started");
    }

    private static FailureAnalysis analyze(Throwable failure) {
        return SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, SpringFactoriesLoader.FailureHandler.handleMessage((message, ex) -> {}))
                .stream()
                .filter(analyzer -> analyzer.getClass().getPackageName().startsWith("io.github.mirroredsupervisor"))
                .map(analyzer -> analyzer.analyze(new IllegalStateException(failure)))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(MirroredSupervisorAutoConfiguration.class)
    static class Application {}
}
