package io.github.mirroredsupervisor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.testing.MutantBuild;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The simulation finds violations: if any rule of the protocol is left out, one of the schedules breaks a promise. The
 * maximum number of schedules is set by {@code -Dmirrored-supervisor.simulation.mutant-schedules}.
 *
 * <p>The schedule in the documentation is tried first, because some mutants are caught by only one schedule of many
 * thousands. After a change of the protocol the same seed gives another schedule; then the test searches again.
 */
@ExtendWith(QuietLogs.class)
class MutantTests {

    private static final int MOST_SCHEDULES =
            Integer.getInteger("mirrored-supervisor.simulation.mutant-schedules", 40_000);

    /** How many schedules are divided among the processors at a time. */
    private static final int AT_ONCE = 64;

    /** Has a table of all mutants, in their order. */
    private static final Path DOCUMENT = Path.of("..", "docs", "guarantees.md");

    private static final Pattern HEAD = Pattern.compile("\\| rule left out \\|.*\n\\|[-|]*\n");

    private static final Pattern ROW = Pattern.compile(".*\\| ([\\d,]+) \\|");

    @ParameterizedTest
    @EnumSource
    void isCaught(Mutant mutant, @TempDir Path folder) throws Exception {
        try (MutantBuild build = new MutantBuild(mutant.changes(), folder)) {
            Method broken = build.load(Simulation.class).getDeclaredMethod("broken", long.class);
            broken.setAccessible(true);
            LongPredicate catches = seed -> isBroken(broken, seed);
            long documented = documented(mutant);
            OptionalLong seed = catches.test(documented) ? OptionalLong.of(documented) : firstThat(catches);
            System.out.printf(
                    "%s: %s (%d is documented)%n",
                    mutant, seed.isPresent() ? "caught by schedule " + seed.getAsLong() : "NOT CAUGHT", documented);
            assertThat(seed)
                    .as("the first of %d schedules that catches %s", MOST_SCHEDULES, mutant)
                    .isPresent();
        }
    }

    private static boolean isBroken(Method broken, long seed) {
        try {
            return broken.invoke(null, seed) != null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Schedule " + seed, e);
        }
    }

    private static OptionalLong firstThat(LongPredicate catches) {
        OptionalLong seed = OptionalLong.empty();
        for (long next = 1; next <= MOST_SCHEDULES && seed.isEmpty(); next += AT_ONCE) {
            seed = LongStream.range(next, Math.min(next + AT_ONCE, MOST_SCHEDULES + 1))
                    .parallel()
                    .filter(catches)
                    .findFirst();
        }
        return seed;
    }

    private static long documented(Mutant mutant) throws IOException {
        String table = HEAD.split(Files.readString(DOCUMENT))[1];
        List<Long> seeds = table.lines()
                .map(ROW::matcher)
                .takeWhile(Matcher::matches)
                .map(row -> Long.parseLong(row.group(1).replace(",", "")))
                .toList();
        assertThat(seeds).as("rows of the table in %s", DOCUMENT).hasSameSizeAs(Mutant.values());
        return seeds.get(mutant.ordinal());
    }
}
