package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.NodeState;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * The owner of immediate children is killed. For comparison, it also prints how long the same death takes to end an
 * ordinary session of the same process. The kernel and the server need that time, so no takeover can be faster.
 */
final class ImmediateScenario implements Scenario {

    private static final Duration LIMIT_BEYOND_TEARDOWN = Duration.ofMillis(25);

    private final Duration settle;
    private final List<Double> teardown = new ArrayList<>();
    private final List<Double> first = new ArrayList<>();
    private final List<Double> last = new ArrayList<>();
    private final List<Double> beyond = new ArrayList<>();

    ImmediateScenario(Duration settle) {
        this.settle = settle;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        for (int cycle = 0; cycle < cycles; cycle++) {
            bed.awaitRest();
            bed.pass(settle);
            bed.pass(bed.profile().lease()); // within a lease no child moves on a hint again
            cycle(bed);
        }
        bed.awaitRest();
        double limit = LIMIT_BEYOND_TEARDOWN.toMillis();
        double median = Figures.of(last).median();
        double floor = Figures.of(teardown).median();
        Finding finding = new Finding("SIGKILL of the owner of immediate children")
                .figures("from the signal to the end of a plain session", Figures.of(teardown))
                .figures("from the signal to the first child elsewhere", Figures.of(first))
                .figures("from the signal to the last child elsewhere", Figures.of(last))
                .figures("from the session's end to the last child", Figures.of(beyond))
                .target(
                        median <= floor + limit,
                        String.format(
                                Locale.ROOT,
                                "the last child runs elsewhere in a median of at most %.0f ms after a plain session ends: %.1f times its %.1f ms",
                                limit,
                                median / floor,
                                floor));
        bed.evidence().addTo(finding);
        return finding;
    }

    private void cycle(TestBed bed) {
        NodeProcess victim = bed.busiestNode();
        long pid = victim.pid();
        bed.await(
                "the owner's session is watched",
                () -> bed.watchers(victim) == bed.cluster().nodes().size() - 1);
        CompletableFuture<Long> plain = CompletableFuture.supplyAsync(() -> PlainLock.awaitEnd(bed.jdbc(), pid));
        bed.await("the plain session is watched", () -> PlainLock.isAwaited(bed.jdbc(), pid));
        Fault fault = victim.kill();
        bed.await(
                "every child runs elsewhere after " + fault,
                () -> bed.evidence().takeover(fault).isComplete());
        double[] millis = bed.evidence().takeover(fault).millis();
        double ended = (plain.join() - fault.nanos()) / 1e6;
        teardown.add(ended);
        first.add(millis[0]);
        last.add(millis[millis.length - 1]);
        beyond.add(millis[millis.length - 1] - ended);
        bed.await("the process is gone", () -> victim.state() == NodeState.KILLED);
        victim.start();
    }
}
