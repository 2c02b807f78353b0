package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.sample.measure.OverlapCheck.Pause;
import io.github.mirroredsupervisor.sample.measure.OverlapCheck.Result;
import io.github.mirroredsupervisor.sample.witness.WitnessLine;
import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OverlapCheckTests {

    private final List<WitnessLine> lines = new ArrayList<>();

    private OverlapCheckTests run(long pid, long token, long begin, long lastTick, Mark last) {
        return run("a", pid, token, begin, lastTick, last);
    }

    private OverlapCheckTests run(String child, long pid, long token, long begin, long lastTick, Mark last) {
        lines.add(new WitnessLine(begin, "node-" + pid, pid, child, token, Mark.BEGIN));
        for (long nanos = begin + 1; nanos < lastTick; nanos++) {
            lines.add(new WitnessLine(nanos, "node-" + pid, pid, child, token, Mark.TICK));
        }
        lines.add(new WitnessLine(lastTick, "node-" + pid, pid, child, token, last));
        return this;
    }

    private Result check(Pause... pauses) {
        return OverlapCheck.check(lines, List.of(pauses));
    }

    @Test
    void acceptsRunsOneAfterAnother() {
        Result result = run(1, 1, 0, 10, Mark.END)
                .run(2, 2, 11, 20, Mark.TICK)
                .run(1, 3, 21, 30, Mark.END)
                .check();
        assertThat(result.isClean()).isTrue();
        assertThat(result.runs()).isEqualTo(3);
        assertThat(result.lateTicks()).isZero();
    }

    @Test
    void acceptsRunsOfDifferentChildrenAtTheSameTime() {
        run("a", 1, 1, 0, 10, Mark.END).run("b", 2, 2, 0, 10, Mark.END);
        assertThat(check().isClean()).isTrue();
    }

    @Test
    void findsTwoRunsThatOverlapByATick() {
        Result result = run(1, 1, 0, 12, Mark.END).run(2, 2, 11, 20, Mark.END).check();
        assertThat(result.overlaps()).singleElement().satisfies(violation -> {
            assertThat(violation.child()).isEqualTo("a");
            assertThat(violation.olderPid()).isEqualTo(1);
            assertThat(violation.newerPid()).isEqualTo(2);
            assertThat(violation.nanos()).isEqualTo(1);
        });
    }

    @Test
    void findsARunInsideAnother() {
        assertThat(run(1, 1, 0, 100, Mark.END)
                        .run(2, 2, 40, 50, Mark.END)
                        .check()
                        .overlaps())
                .hasSize(1);
    }

    @Test
    void findsAnOverlapWithARunThatIsNotTheLastButOne() {
        assertThat(run(1, 1, 0, 100, Mark.END)
                        .run(2, 2, 101, 105, Mark.END)
                        .run(3, 3, 106, 110, Mark.END)
                        .check()
                        .isClean())
                .isTrue();
        lines.add(new WitnessLine(108, "node-1", 1, "a", 1, Mark.TICK));
        assertThat(check().overlaps()).hasSize(2);
    }

    @Test
    void findsTokensThatDoNotRise() {
        Result result = run(1, 5, 0, 10, Mark.END).run(2, 4, 11, 20, Mark.END).check();
        assertThat(result.overlaps()).isEmpty();
        assertThat(result.disorders()).hasSize(1);
    }

    @Test
    void findsATokenThatServesTwoRuns() {
        assertThat(run(1, 5, 0, 10, Mark.END)
                        .run(2, 5, 11, 20, Mark.END)
                        .check()
                        .disorders())
                .hasSize(1);
    }

    @Test
    void countsLateTicksOfAResumedOwnerByThemselves() {
        run(1, 1, 0, 10, Mark.TICK).run(2, 2, 40, 90, Mark.END);
        lines.add(new WitnessLine(60, "node-1", 1, "a", 1, Mark.TICK));
        lines.add(new WitnessLine(61, "node-1", 1, "a", 1, Mark.END));
        Result result = check(new Pause(1, 10, 59));
        assertThat(result.isClean()).isTrue();
        assertThat(result.lateTicks()).isEqualTo(1);
    }

    @Test
    void excusesNoOverlapOfAProcessThatWasPausedAtAnotherTime() {
        run(1, 1, 0, 50, Mark.END).run(2, 2, 40, 90, Mark.END);
        assertThat(check(new Pause(1, 10, 30)).overlaps()).hasSize(1);
        assertThat(check(new Pause(2, 10, 59)).overlaps()).hasSize(1);
    }

    @Test
    void doesNotDependOnTheOrderOfTheLines() {
        run(1, 1, 0, 12, Mark.END).run(2, 2, 11, 20, Mark.END).run(3, 3, 21, 40, Mark.END);
        Result inOrder = check();
        Collections.shuffle(lines, new Random(7));
        assertThat(check()).isEqualTo(inOrder);
    }

    /** In a clean history, moving any one run forward makes an overlap that is found. */
    @Test
    void findsEveryRunThatIsMovedIntoItsPredecessor() {
        for (int moved = 1; moved < 20; moved++) {
            lines.clear();
            for (int run = 0; run < 20; run++) {
                long begin = 100L * run - (run == moved ? 60 : 0);
                run(run % 3, run + 1, begin, begin + 50, Mark.END);
            }
            assertThat(check().overlaps()).as("run %d", moved).hasSize(1);
        }
    }

    @Test
    void countsTheLateEndOfARunThatWasStuckByItself() {
        long second = 1_000_000_000L;
        lines.add(new WitnessLine(0, "node-1", 1, "a", 1, Mark.BEGIN));
        lines.add(new WitnessLine(second, "node-2", 2, "a", 2, Mark.BEGIN));
        lines.add(new WitnessLine(2 * second, "node-1", 1, "a", 1, Mark.END));
        assertThat(check().isClean()).isTrue();
        assertThat(check().lateEnds()).isOne();

        lines.add(new WitnessLine(3 * second, "node-1", 1, "a", 1, Mark.TICK));
        assertThat(check().overlaps()).hasSize(1);
    }

    @Test
    void findsATokenOfTwoProcesses() {
        Result result = run(1, 1, 0, 10, Mark.END).run(2, 1, 11, 20, Mark.END).check();
        assertThat(result.disorders()).hasSize(1);
    }
}
