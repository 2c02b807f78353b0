package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.NodeState;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Takeover;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** The owner of the children is killed, paused or stopped, and started again when they run elsewhere. */
final class FaultScenario implements Scenario {

    private static final Duration HANDOVER_LIMIT = Duration.ofMillis(20);

    private final Fault.Kind kind;
    private final Duration settle;
    private final List<Double> first = new ArrayList<>();
    private final List<Double> last = new ArrayList<>();
    private final List<Double> each = new ArrayList<>();

    FaultScenario(Fault.Kind kind, Duration settle) {
        this.kind = kind;
        this.settle = settle;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        long lateBefore = bed.evidence().overlaps().lateTicks();
        for (int cycle = 0; cycle < cycles; cycle++) {
            bed.awaitRest();
            bed.pass(settle);
            // The age of the last renewal determines how long the lease still lasts, so every age is equally likely.
            bed.pass(Duration.ofNanos(ThreadLocalRandom.current()
                    .nextLong(bed.profile().renewInterval().toNanos())));
            cycle(bed);
        }
        bed.awaitRest();
        Finding finding = kind == Fault.Kind.STOP ? gracefulFinding() : crashFinding(bed);
        if (kind == Fault.Kind.PAUSE) {
            long late = bed.evidence().overlaps().lateTicks() - lateBefore;
            finding.line("        " + late + " late ticks of resumed owners, before they stopped by themselves");
        }
        bed.evidence().addTo(finding);
        return finding;
    }

    private void cycle(TestBed bed) {
        NodeProcess victim = bed.busiestNode();
        Fault fault = strike(victim);
        double[] millis = await(bed, fault).millis();
        first.add(millis[0]);
        last.add(millis[millis.length - 1]);
        Arrays.stream(millis).forEach(each::add);
        recover(bed, victim, fault);
    }

    private static Takeover await(TestBed bed, Fault fault) {
        bed.await(
                "every child runs elsewhere after " + fault,
                () -> bed.evidence().takeover(fault).isComplete());
        return bed.evidence().takeover(fault);
    }

    private Fault strike(NodeProcess victim) {
        return switch (kind) {
            case KILL -> victim.kill();
            case PAUSE -> victim.pause();
            case STOP -> victim.stop();
            case RESUME, ENDED -> throw new IllegalStateException(kind + " is no fault to measure");
        };
    }

    private void recover(TestBed bed, NodeProcess victim, Fault fault) {
        if (kind == Fault.Kind.PAUSE) {
            victim.resume();
            bed.await(
                    "the resumed owner stops its children",
                    () -> bed.evidence().runs().stream()
                            .noneMatch(run ->
                                    run.isOpen() && run.pid() == fault.pid() && run.beginNanos() - fault.nanos() < 0));
        } else {
            bed.await(
                    "the process is gone",
                    () -> victim.state() == NodeState.STOPPED || victim.state() == NodeState.KILLED);
            victim.start();
        }
    }

    private Finding crashFinding(TestBed bed) {
        String signal = kind == Fault.Kind.KILL ? "SIGKILL" : "SIGSTOP";
        double limit = bed.profile().takeoverLimit().toMillis();
        double median = Figures.of(last).median();
        return new Finding(signal + " of the owner")
                .figures("from the signal to the first child elsewhere", Figures.of(first))
                .figures("from the signal to the last child elsewhere", Figures.of(last))
                .target(
                        median <= limit,
                        String.format(
                                Locale.ROOT, "the last child runs elsewhere in a median of at most %.0f ms", limit));
    }

    private Finding gracefulFinding() {
        double limit = HANDOVER_LIMIT.toMillis();
        return new Finding("SIGTERM of the owner")
                .figures("from a child's end to its beginning elsewhere", Figures.of(each))
                .target(
                        Figures.of(each).median() <= limit,
                        String.format(
                                Locale.ROOT,
                                "a child runs elsewhere in a median of at most %.0f ms after it stopped",
                                limit));
    }
}
