package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.autoconfigure.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.postgres.UnsupportedServerException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
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

    @Test
    void explainsAServerThatCannotHoldTheStore() {
        FailureAnalysis analysis = analyze(new UnsupportedServerException("This server is a standby."));

        assertThat(analysis.getDescription()).isEqualTo("This server is a standby.");
        assertThat(analysis.getAction()).contains("PostgreSQL 14");
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
