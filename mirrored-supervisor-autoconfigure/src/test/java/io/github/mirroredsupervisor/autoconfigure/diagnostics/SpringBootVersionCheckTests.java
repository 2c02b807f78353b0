package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;

class SpringBootVersionCheckTests {

    /** Filled by the build's profile spring-boot-3. */
    private static final Path OLDER = Path.of("target", "spring-boot-3");

    private static final Pattern BROUGHT = Pattern.compile("spring-boot-(jdbc|persistence|sql|transaction)-4[^/]*$");

    @ParameterizedTest
    @ValueSource(strings = {"3.5.9", "3.0.0", "2.7.18"})
    void refusesTheOlderGeneration(String version) {
        assertThatExceptionOfType(SupervisorStartException.class)
                .isThrownBy(() -> SpringBootVersionCheck.require(version))
                .withMessageContainingAll("needs Spring Boot 4", version)
                .satisfies(ex -> assertThat(ex.problem()).isEqualTo(Problem.UNSUITABLE_SPRING_BOOT));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"4.0.0", "4.1.2", "4.2.0-SNAPSHOT", "10.0.1", "unknown"})
    void letsInTheOthers(@Nullable String version) {
        assertThatCode(() -> SpringBootVersionCheck.require(version)).doesNotThrowAnyException();
    }

    @Test
    void isWhatAnApplicationOfTheOlderGenerationFailsBy() throws Exception {
        assumeThat(OLDER).as("mvn -Pspring-boot-3").isDirectory();
        String classPath;
        try (Stream<Path> jars = Files.list(OLDER)) {
            classPath = jars.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        }
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        classPath + File.pathSeparator + withoutNewerGeneration(),
                        Application.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(output)
                .contains("APPLICATION FAILED TO START", "needs Spring Boot 4", "runs on Spring Boot 3.")
                .doesNotContain("allow-bean-definition-overriding");
        assertThat(process.exitValue()).isNotZero();
    }

    /**
     * The starter's dependencies, without the modules whose versions an application of the older generation manages
     * itself.
     */
    private static String withoutNewerGeneration() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("springframework")
                        || BROUGHT.matcher(entry).find())
                .collect(Collectors.joining(File.pathSeparator));
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        public static void main(String[] arguments) {
            SpringApplication.run(Application.class, arguments);
        }
    }
}
