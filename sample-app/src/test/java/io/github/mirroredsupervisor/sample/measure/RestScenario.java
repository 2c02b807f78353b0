package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.measure.StatementLog.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Nothing happens: how many statements the library sends. */
final class RestScenario implements Scenario {

    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final double MOST_STATEMENTS = 3;
    private static final double MOST_WRITES = 2;

    @Override
    public Finding run(TestBed bed, int cycles) {
        bed.awaitRest();
        List<Statement> statements = StatementLog.record(bed, RestScenario::rest).stream()
                .filter(statement -> statement.application().startsWith("mirrored-supervisor"))
                .toList();
        double all = perPeer(bed, statements.size());
        double writes =
                perPeer(bed, statements.stream().filter(Statement::writes).count());
        double frames =
                perPeer(bed, statements.stream().filter(Statement::isFrame).count());
        Finding finding = new Finding("At rest for " + WINDOW.toSeconds() + " s");
        finding.line(String.format(
                Locale.ROOT,
                "per second and peer: %.2f statements, of which %.2f write and %.2f begin, end or set up",
                all,
                writes,
                frames));
        if (bed.profile() == Profile.BALANCED) {
            finding.target(all <= MOST_STATEMENTS, "at most 3 statements per second and peer");
            finding.target(writes <= MOST_WRITES, "at most 2 of them write");
        }
        mostFrequent(statements).forEach(finding::line);
        return finding;
    }

    /** Not bed.pass: the test bench must not query the database meanwhile. */
    private static void rest() {
        LockSupport.parkNanos(WINDOW.toNanos());
    }

    private static double perPeer(TestBed bed, long count) {
        return count / (double) WINDOW.toSeconds() / bed.cluster().nodes().size();
    }

    private static List<String> mostFrequent(List<Statement> statements) {
        Map<String, Long> counts = statements.stream()
                .map(statement -> statement.application().replaceAll(" node-\\d+$", "") + ": " + statement.sql())
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(8)
                .map(entry ->
                        String.format(Locale.ROOT, "        %5d  %s", entry.getValue(), shortened(entry.getKey())))
                .toList();
    }

    private static String shortened(String sql) {
        String line = sql.replaceAll("\\s+", " ");
        return line.length() <= 110 ? line : line.substring(0, 109) + "…";
    }
}
