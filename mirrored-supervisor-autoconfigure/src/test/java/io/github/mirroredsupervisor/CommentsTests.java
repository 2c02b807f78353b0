package io.github.mirroredsupervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every rule, fact and row that a comment cites exists in the document for it, and comments fit on a screen. */
class CommentsTests {

    private static final Path DOCS = Path.of("..", "docs");
    private static final List<Path> SOURCES = List.of(Path.of("src"), Path.of("..", "sample-app", "src"));
    private static final Pattern COMMENT = Pattern.compile("\\s*(\\*|//|/\\*|--)");
    private static final Pattern COMMENT_LINE = Pattern.compile("\\n\\s*(\\*|//|--)\\s*");

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            protocol rules?;           \\d+[a-z]?;        protocol.md;   (?m)^## (\\d+[a-z]?)\\.
            \\b[Ff]aults?;             [FI]\\d+|\\d\\S*;    faults.md;     (?m)^(?:## |\\| |\\| \\*\\*)(F\\d+|I\\d+)\\b
            [Ss]emantics rows?|\\(rows?; [ABC]\\d+;         semantics.md;  (?m)^\\| ([ABC]\\d+)\\b
            """)
    void everyCitationIsFound(String word, String key, String document, String entry) throws IOException {
        Pattern citation = Pattern.compile("(?:" + word + ") ((?:" + key + ")(?:(?:, | and | to |–)(?:" + key + "))*)");
        Set<String> entries = found(Pattern.compile(entry), Files.readString(DOCS.resolve(document)));
        Set<String> cited = new TreeSet<>();
        for (Path file : sources()) {
            String text = COMMENT_LINE.matcher(Files.readString(file)).replaceAll(" ");
            for (String keys : found(citation, text)) {
                cited.addAll(List.of(keys.split(", | and | to |–")));
            }
        }
        assertThat(cited).isNotEmpty();
        assertThat(entries).containsAll(cited);
    }

    @Test
    void noCommentIsWiderThan120Columns() throws IOException {
        List<String> wide = new ArrayList<>();
        for (Path file : sources()) {
            for (String line : Files.readAllLines(file)) {
                if (COMMENT.matcher(line).lookingAt() && line.length() > 120) {
                    wide.add(file + ": " + line.strip());
                }
            }
        }
        assertThat(wide).isEmpty();
    }

    private static Set<String> found(Pattern pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            MatchResult result = matcher.toMatchResult();
            found.add(result.group(1));
        }
        return found;
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (Path root : SOURCES) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().matches(".*\\.(java|sql)") && !file.endsWith("CommentsTests.java"))
                        .forEach(sources::add);
            }
        }
        return sources;
    }
}
