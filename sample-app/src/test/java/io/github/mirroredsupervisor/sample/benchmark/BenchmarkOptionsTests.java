package io.github.mirroredsupervisor.sample.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.mirroredsupervisor.sample.launcher.Arguments;
import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchmarkOptionsTests {

    @Test
    void comparesAllThatIsOnTheClassPath() {
        BenchmarkOptions options = BenchmarkOptions.of(Arguments.parse());
        assertThat(options.strikes()).containsExactly(Strike.values());
        assertThat(options.systems())
                .contains(
                        Contender.IMMEDIATE,
                        Contender.FAST,
                        Contender.BALANCED,
                        Contender.LOCK,
                        Contender.SPRING_INTEGRATION);
        assertThat(options.rounds()).isEqualTo(5);
        assertThat(options.report()).isNull();
    }

    @Test
    void readsAChoiceInTheOrderOfExecution() {
        BenchmarkOptions options = BenchmarkOptions.of(
                Arguments.parse("--systems=spring-integration,fast", "--strikes=stop,kill", "--rounds=2"));
        assertThat(options.systems()).containsExactly(Contender.FAST, Contender.SPRING_INTEGRATION);
        assertThat(options.strikes()).containsExactly(Strike.KILL, Strike.STOP);
        assertThat(options.rounds()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--systems=fast,zookeeper | there is no 'zookeeper'. Systems: immediate, fast",
                "--systems= ,fast | there is no",
                "--strikes=explode | there is no 'explode'. Strikes: kill, hang",
                "--rounds=0 | a whole number from 1",
                "--cycles=3 | There is no option --cycles",
                "--mirrored-supervisor.profile=fast | leave --mirrored-supervisor.profile=fast out"
            })
    void refusesWhatItDoesNotKnow(String argument, String message) {
        assertThatExceptionOfType(InvalidArgumentException.class)
                .isThrownBy(() -> BenchmarkOptions.of(Arguments.parse(argument)))
                .withMessageContaining(message);
    }
}
