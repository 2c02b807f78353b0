package io.github.mirroredsupervisor.sample.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTests {

    @Test
    void tellsOptionsFromProperties() {
        Arguments arguments = Arguments.parse("--nodes=5", "--mirrored-supervisor.profile=fast", "--debug", "--flag");
        assertThat(arguments.options()).containsOnlyKeys("nodes", "flag");
        assertThat(arguments.properties()).containsExactly("--mirrored-supervisor.profile=fast", "--debug");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nodes=5", "-n", "--", ""})
    void refusesWhatIsNoOption(String argument) {
        assertThatExceptionOfType(InvalidArgumentException.class)
                .isThrownBy(() -> Arguments.parse(argument))
                .withMessageContaining("--name=value");
    }

    @Test
    void hasTheDefaultsOfTheReadme() {
        LauncherOptions options = LauncherOptions.of(Arguments.parse());
        assertThat(options.nodes()).isEqualTo(3);
        assertThat(options.basePort()).isEqualTo(8081);
        assertThat(options.port()).isEqualTo(8080);
        assertThat(options.tenants()).isEqualTo(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--nodes=0", "--nodes=ten", "--nodes=10", "--base-port=70000", "--rate=-1", "--tenants="})
    void refusesNumbersOutOfRange(String argument) {
        assertThatExceptionOfType(InvalidArgumentException.class)
                .isThrownBy(() -> LauncherOptions.of(Arguments.parse(argument)))
                .withMessageContaining(argument)
                .withMessageContaining("a whole number from");
    }

    @Test
    void refusesUnknownOptions() {
        assertThatExceptionOfType(InvalidArgumentException.class)
                .isThrownBy(() -> LauncherOptions.of(Arguments.parse("--node=5")))
                .withMessageContaining("--node.")
                .withMessageContaining("--nodes");
    }

    @Test
    void refusesAPageOnTheportOfANode() {
        assertThatExceptionOfType(InvalidArgumentException.class)
                .isThrownBy(() -> LauncherOptions.of(Arguments.parse("--base-port=8079")))
                .withMessageContaining("node 2");
    }

    @Test
    void keepsThePagesServerSettingsFromTheNodes() {
        LauncherOptions options = LauncherOptions.of(Arguments.parse(
                "--server.port=9000", "--mirrored-supervisor.profile=fast", "--logging.level.root=info"));
        assertThat(options.nodeProperties())
                .containsExactly("--mirrored-supervisor.profile=fast", "--logging.level.root=info");
    }
}
