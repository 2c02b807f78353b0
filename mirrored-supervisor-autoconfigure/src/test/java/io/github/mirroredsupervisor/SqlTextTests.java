package io.github.mirroredsupervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * How statements must be written so that none can call code that another role has created under the name of a built-in.
 */
class SqlTextTests {

    private static final Path SOURCES = Path.of("src/main");

    private static final Pattern TEXT =
            Pattern.compile("\"\"\"(.*?)\"\"\"|\"((?:[^\"\\\\\\n]|\\\\.)*)\"", Pattern.DOTALL);

    private static final Pattern STATEMENT = Pattern.compile(
            "^\\s*(select|insert into|update mirrored|delete from|with \\w+ as|do \\$\\$|perform)\\b.*|.*(\\b(c|p|e|m)\\.\\w|\\bpg_catalog\\.).*",
            Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    private static final Pattern CALL = Pattern.compile("(?<![\\w.:\"$])(?<!\\bas )([a-zA-Z_]\\w*)\\s*\\(");

    /** Keywords of SQL's grammar, which no schema can redefine. */
    private static final Set<String> GRAMMAR = Set.of(
            "all",
            "and",
            "any",
            "array",
            "as",
            "case",
            "cast",
            "check",
            "coalesce",
            "conflict",
            "exists",
            "join",
            "extract",
            "filter",
            "from",
            "greatest",
            "in",
            "is",
            "key",
            "least",
            "not",
            "nullif",
            "on",
            "operator",
            "or",
            "select",
            "then",
            "union",
            "unnest",
            "values",
            "when",
            "where",
            "with",
            "row",
            "char",
            "varchar",
            "using");

    private static final Pattern OPERATOR = Pattern.compile(
            "(?<![:<>=!-])(=|<>|<=|>=|<|>|\\|\\||->>|->)(?![=>])|\\bbetween\\b|\\bdistinct from\\b|\\bin\\s*\\(|\\bnullif\\b|\\blike\\b"
                    + "|::(?!pg_catalog)|\\bas (?=text|uuid|jsonb|timestamptz|regclass)\\w+\\s*\\)");

    @Test
    void everyFunctionNamesItsSchema() throws IOException {
        List<String> bare = new ArrayList<>();
        for (Path file : files(".java")) {
            for (String statement : statements(Files.readString(file))) {
                bare.addAll(bareCalls(file, statement));
            }
        }
        for (Path file : files(".sql")) {
            bare.addAll(bareCalls(file, Files.readString(file).replaceAll("--[^\\n]*", "")));
        }
        assertThat(bare).isEmpty();
    }

    /**
     * The search path is not pinned on the application's sessions, at the beginning of our own, and outside of
     * transactions behind a pooler. There, operators and types must name their schema too.
     */
    @Test
    void onTheApplicationsSessionsEveryOperatorAndTypeNamesItsSchema() throws IOException {
        List<String> bare = new ArrayList<>();
        for (String name : List.of(
                "ChildFence",
                "ServerCheck",
                "SearchPath",
                "Connector",
                "SessionSetup",
                "ConnectionRoom",
                "HeldSessionLock",
                "PostgresNotificationSession")) {
            Path file = files(".java").stream()
                    .filter(source -> source.endsWith(name + ".java"))
                    .findFirst()
                    .orElseThrow();
            for (String statement : statements(Files.readString(file))) {
                Matcher operator =
                        OPERATOR.matcher(withoutTexts(statement).replaceAll("operator\\(pg_catalog\\.[^)]+\\)", ""));
                while (operator.find()) {
                    bare.add(name + ": " + operator.group() + " in " + statement);
                }
            }
        }
        assertThat(bare).isEmpty();
    }

    @Test
    void theScriptsLookForNamesAmongTheBuiltInsBeforeAnythingElse() throws IOException {
        assertThat(files(".sql"))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(Files.readString(file)
                                .replaceAll("--[^\\n]*", "")
                                .strip())
                        .startsWith("set search_path = pg_catalog, pg_temp;"));
    }

    @Test
    void whatIsLookedForIsFound() {
        assertThat(bareCalls(
                        Path.of("x"), "select now(), pg_catalog.now(), coalesce(1, 2) from unnest(:a, :b) as n (a, b)"))
                .containsExactly("x: now");
        assertThat(statements("String s = \"select lower(?)\"; log.info(\"It says (so)\");"))
                .containsExactly("select lower(?)");
    }

    private static List<String> bareCalls(Path file, String statement) {
        List<String> bare = new ArrayList<>();
        Matcher call = CALL.matcher(withoutTexts(statement));
        while (call.find()) {
            if (!GRAMMAR.contains(call.group(1).toLowerCase(java.util.Locale.ROOT))) {
                bare.add(file.getFileName() + ": " + call.group(1));
            }
        }
        return bare;
    }

    private static String withoutTexts(String statement) {
        return statement.replaceAll("'(?:[^']|'')*'", "''");
    }

    private static List<String> statements(String source) {
        List<String> statements = new ArrayList<>();
        Matcher text = TEXT.matcher(source);
        while (text.find()) {
            String found = text.group(1) == null ? text.group(2) : text.group(1);
            if (STATEMENT.matcher(found).matches()) {
                statements.add(found);
            }
        }
        return statements;
    }

    private static List<Path> files(String ending) throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }
}
