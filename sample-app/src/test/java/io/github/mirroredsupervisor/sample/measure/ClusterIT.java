package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.sample.FreePorts;
import io.github.mirroredsupervisor.sample.launcher.Arguments;
import org.junit.jupiter.api.Test;

/** Real processes and a real database: the measurement, with few cycles, and without judging its times. */
class ClusterIT {

    @Test
    void runsEveryChildOnceWhateverHappens() {
        assertKept("kill,pause,stop,sessions,lock,restart", ClusterKind.BUSY);
    }

    @Test
    void immediateChildrenMoveOnceForEachSessionThatEnds() {
        assertKept("immediate,false-alarm", ClusterKind.IMMEDIATE);
    }

    @Test
    void aChildThatHaltsItsProcessIsQuarantinedAndTheOthersRunOn() {
        assertKept("poison", ClusterKind.POISON);
    }

    @Test
    void fencedTransactionsCommit() {
        assertKept("fence", ClusterKind.FENCE);
    }

    private static void assertKept(String scenarios, ClusterKind kind) {
        MeasureOptions options = MeasureOptions.of(Arguments.parse(
                "--profile=fast", "--cycles=2", "--scenario=" + scenarios, "--base-port=" + FreePorts.inARow(3)));
        assertThat(MeasureApplication.measure(options, options.children(kind).get(0), options.scenarios(), kind))
                .hasSize(scenarios.split(",").length)
                .allSatisfy(finding ->
                        assertThat(finding.kept()).as(finding.toString()).isTrue());
    }
}
