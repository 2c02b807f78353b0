package io.github.mirroredsupervisor;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/** Each row of docs/semantics.md has a test that is named after it, and each such test has a row. */
class RowsTests {

    private static final Pattern ROW = Pattern.compile("^\\| *([AB]\\d+) *\\|[^|]*\\|([^|]*)\\|[^|]*\\|$");
    private static final Pattern NAMED_AFTER_ROWS = Pattern.compile("^((?:[ab]\\d+)+)(?:[A-Z]|$)");
    private static final Set<String> TESTED = Set.of("kept", "fixed");
    private static final Set<String> VERDICTS = Set.of("kept", "fixed", "not applicable");

    private static final Map<String, String> VERDICT_BY_ROW = verdictByRow(lines());
    private static final List<String> TEST_NAMES = testNames();

    @Test
    void everyRowThatIsKeptOrFixedHasATest() {
        assertThat(untested(VERDICT_BY_ROW, TEST_NAMES)).isEmpty();
    }

    @Test
    void everyTestThatIsNamedAfterARowNamesOneThatIsTested() {
        assertThat(misnamed(VERDICT_BY_ROW, TEST_NAMES)).isEmpty();
    }

    @Test
    void noRowIsLeftOutAndEachHasAVerdict() {
        assertThat(VERDICT_BY_ROW.keySet())
                .isEqualTo(Stream.concat(rows("A", 52), rows("B", 59)).collect(toCollection(TreeSet::new)));
        assertThat(VERDICT_BY_ROW.values())
                .allSatisfy(verdict -> assertThat(VERDICTS).contains(verdict));
    }

    @Test
    void whatIsMissingIsNoticed() {
        Map<String, String> table = verdictByRow(List.of(
                "| row | what | verdict | why |",
                "|---|---|---|---|",
                "| A1 | one | kept | |",
                "| A12 | two | fixed | because |",
                "| B3 | three | not applicable | there is none |"));
        assertThat(table).containsOnlyKeys("A1", "A12", "B3");
        assertThat(untested(table, List.of("a12Something", "aTest"))).containsExactly("A1");
        assertThat(untested(table, List.of("a1a12Something"))).isEmpty();
        assertThat(misnamed(table, List.of("a1Something", "a12a1Other", "aTest", "beginsWithALetter")))
                .isEmpty();
        assertThat(misnamed(table, List.of("a2Something", "a1b4Something", "b3Something", "a1something")))
                .hasSize(4);
    }

    private static Stream<String> rows(String part, int last) {
        return IntStream.rangeClosed(1, last).mapToObj(number -> part + number);
    }

    private static Set<String> untested(Map<String, String> verdictByRow, Collection<String> names) {
        Set<String> rows = new TreeSet<>();
        verdictByRow.forEach((row, verdict) -> {
            if (TESTED.contains(verdict)) {
                rows.add(row);
            }
        });
        names.forEach(name -> rows.removeAll(rowsOf(name)));
        return rows;
    }

    private static Set<String> misnamed(Map<String, String> verdictByRow, Collection<String> names) {
        return names.stream()
                .filter(name -> name.matches("[ab]\\d.*"))
                .filter(name -> rowsOf(name).isEmpty()
                        || !rowsOf(name).stream().allMatch(row -> TESTED.contains(verdictByRow.getOrDefault(row, ""))))
                .collect(toCollection(TreeSet::new));
    }

    private static Set<String> rowsOf(String testName) {
        Matcher named = NAMED_AFTER_ROWS.matcher(testName);
        return named.find() ? Set.of(named.group(1).toUpperCase(Locale.ROOT).split("(?=[AB])")) : Set.of();
    }

    private static Map<String, String> verdictByRow(List<String> lines) {
        Map<String, String> verdicts = new TreeMap<>();
        for (String line : lines) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                assertThat(verdicts.put(row.group(1), row.group(2).strip()))
                        .as("a former verdict on %s", row.group(1))
                        .isNull();
            }
        }
        return verdicts;
    }

    private static List<String> lines() {
        try {
            return Files.readAllLines(Path.of(System.getProperty("basedir", "."), "..", "docs", "semantics.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> testNames() {
        Path classes = Path.of(System.getProperty("basedir", "."), "target", "test-classes");
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(name -> name.endsWith(".class"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace(File.separatorChar, '.'))
                    .flatMap(RowsTests::testsOf)
                    .map(Method::getName)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Method> testsOf(String className) {
        try {
            Class<?> type = Class.forName(className, false, RowsTests.class.getClassLoader());
            return Stream.of(type.getDeclaredMethods())
                    .filter(method -> AnnotationSupport.isAnnotated(method, Testable.class));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
