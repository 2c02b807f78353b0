package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.mirroredsupervisor.sample.cluster.PatroniCluster.Replication;
import io.github.mirroredsupervisor.sample.launcher.Arguments;
import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import io.github.mirroredsupervisor.sample.measure.MeasureOptions.Route;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeasureOptionsTests {

    @Test
    void measuresEverythingByDefault() {
        MeasureOptions options = MeasureOptions.of(Arguments.parse());
        assertThat(options.scenarios()).containsExactly(ScenarioName.values());
        assertThat(options.cycles()).isEqualTo(20);
        assertThat(options.children()).containsExactly(20, 1);
        assertThat(options.profile()).isEqualTo(Profile.BALANCED);
    }

    @Test
    void readsAChoice() {
        MeasureOptions options = MeasureOptions.of(
                Arguments.parse("--scenario=stop,kill", "--profile=fast", "--children=7", "--cycles=2"));
        assertThat(options.scenarios()).containsExactly(ScenarioName.KILL, ScenarioName.STOP);
        assertThat(options.children()).containsExactly(7);
        assertThat(options.nodeProperties(ClusterKind.BUSY)).contains("--mirrored-supervisor.profile=fast");
    }

    @Test
    void readsHowADatabaseWithAFailoverIsFoundAndReplicated() {
        MeasureOptions usual = MeasureOptions.of(Arguments.parse("--scenario=patroni"));
        assertThat(usual.route()).isEqualTo(Route.HAPROXY);
        assertThat(usual.replication()).isEqualTo(Replication.SYNCHRONOUS);
        MeasureOptions other = MeasureOptions.of(
                Arguments.parse("--scenario=patroni", "--route=multi-host", "--replication=asynchronous"));
        assertThat(other.route()).isEqualTo(Route.MULTI_HOST);
        assertThat(other.replication()).isEqualTo(Replication.ASYNCHRONOUS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--scenario=explode",
                "--profile=faster",
                "--children=0",
                "--children=1,",
                "--cycles=0",
                "--route=dns",
                "--replication=maybe",
                "--spring.datasource.url=jdbc:postgresql://localhost/mine",
                "--nodes=4"
            })
    void refusesWhatItCannotMeasure(String argument) {
        assertThatExceptionOfType(InvalidArgumentException.class)
                .isThrownBy(() -> MeasureOptions.of(Arguments.parse(argument)));
    }

    @Test
    void findsMinimumMedianAndMaximum() {
        assertThat(Figures.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new Figures(3, 1, 2, 3));
        assertThat(Figures.of(List.of(4.0, 1.0, 2.0, 3.0)).median()).isEqualTo(2.5);
        assertThat(Figures.of(List.of()).count()).isZero();
    }
}
