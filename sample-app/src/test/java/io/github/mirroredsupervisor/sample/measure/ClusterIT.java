package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.sample.FreePorts;
import io.github.mirroredsupervisor.sample.launcher.Arguments;
import org.junit.jupiter.api.Test;

/** Real processes and a real database: the measurement, with few cycles, and without judging its times. */
class ClusterIT {

    @Test
    void runsEveryChildOnceWhateverHappens() {
        MeasureOptions options = MeasureOptions.of(Arguments.parse(
                "--profile=fast",
                "--cycles=2",
                "--scenario=kill,pause,stop,sessions,restart,fence",
                "--base-port=" + FreePorts.inARow(3)));
        assertThat(MeasureApplication.measure(options, 20, options.scenarios(), false))
                .hasSize(6)
                .allSatisfy(finding ->
                        assertThat(finding.kept()).as(finding.toString()).isTrue());
    }
}
