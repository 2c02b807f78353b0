package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.sample.FreePorts;
import io.github.mirroredsupervisor.sample.launcher.Arguments;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Real processes and a real database: the measurement with few cycles. Its times are not checked. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {

    @Test
    void runsEveryChildOnceWhateverHappensAndFencedTransactionsCommit() {
        assertKept("kill,pause,stop,sessions,lock,restart,fence", ClusterKind.BUSY);
    }

    @Test
    void immediateChildrenMoveOnceForEachSessionThatEnds() {
        assertKept("immediate,false-alarm", ClusterKind.IMMEDIATE);
    }

    @Test
    void aChildThatHaltsItsProcessIsQuarantinedAndTheOthersRunOn() {
        assertKept("poison", ClusterKind.POISON);
    }

    /**
     * It runs first, beside {@code LauncherIT}. Other load on the machine may delay it but breaks no promise, whereas
     * the other tests here fail if a lease expires for lack of a processor.
     *
     * <p>The first strikes of a schedule of all faults: every kind once, most twice. The report is in the build folder,
     * and the checks give the same result from its files alone.
     */
    @Order(1)
    @Test
    void keepsItsPromisesThroughFortyStrikes() {
        List<Finding> findings = assertKept(
                "soak", ClusterKind.SOAK, "--cycles=40", "--children=10", "--seed=60", "--report=target/soak");
        assertThat(RecheckApplication.check(Path.of("target/soak")))
                .hasToString(findings.get(0).toString());
    }

    private static void assertKept(String scenarios, ClusterKind kind) {
        assertKept(scenarios, kind, "--cycles=2", "--settle=1000");
    }

    private static List<Finding> assertKept(String scenarios, ClusterKind kind, String... more) {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.addAll(List.of("--profile=fast", "--scenario=" + scenarios, "--base-port=" + FreePorts.inARow(3)));
        MeasureOptions options = MeasureOptions.of(Arguments.parse(arguments.toArray(String[]::new)));
        List<Finding> findings =
                MeasureApplication.measure(options, options.children(kind).get(0), options.scenarios(), kind);
        assertThat(findings)
                .hasSize(scenarios.split(",").length)
                .allSatisfy(finding ->
                        assertThat(finding.kept()).as(finding.toString()).isTrue());
        return findings;
    }
}
