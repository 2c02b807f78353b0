package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.DedicatedPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many statements the start of an instance costs, by the server's own log. */
class StartUpStatementsTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Some are sent at the same time as the child starts, so the number varies. */
    private static final int MOST = 40;

    /** Begin, the peer and its memberships, the group three times, its children twice, what it is like, commit. */
    private static final int JOIN = 9;

    private static final Pattern STATEMENT =
            Pattern.compile("^(mirrored-supervisor [^|]*)\\|LOG:  (?:statement|execute [^:]*): (.*)$");

    private static final Pattern LINE = Pattern.compile("^[^|\\t]*\\|.*$");

    private final DedicatedPostgres server = new DedicatedPostgres();

    private final Database database = server.database();

    @BeforeEach
    void logStatements() {
        database.execute(
                "alter system set logging_collector = on",
                "alter system set log_directory = 'statements'",
                "alter system set log_filename = 'statements.log'",
                "alter system set log_statement = 'all'",
                "alter system set log_line_prefix = '%a|'");
        server.stopFast();
        server.start();
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** The schema is current, and the group and the child have their rows. */
    @Test
    void aStartCostsFewStatements() {
        start("first");
        List<String> statements = start("second");
        assertThat(statements).as(String.join("\n", statements)).hasSizeBetween(5, MOST);
        List<String> setups = statements.stream()
                .filter(sql -> sql.contains("as settings from"))
                .toList();
        assertThat(statements).noneMatch(sql -> sql.contains(": select case when pg_catalog.pg_backend_pid()"));
        assertThat(setups.stream().map(sql -> sql.substring(0, sql.indexOf(':'))))
                .hasSizeGreaterThan(2)
                .doesNotHaveDuplicates();
        assertThat(statements.stream()
                        .filter(sql -> sql.startsWith("mirrored-supervisor work"))
                        .dropWhile(sql -> !sql.endsWith(": BEGIN"))
                        .takeWhile(sql -> !sql.endsWith(": COMMIT")))
                .hasSize(JOIN - 1);
    }

    /** Returns the statements of the library from the start of the context until the child runs. */
    private List<String> start(String name) {
        mark(name + " begins");
        TestContexts.supervisor(database).withUserConfiguration(OneChild.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(OneChild.class).runs.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            mark(name + " runs");
        });
        return statements(name + " begins", name + " runs");
    }

    private void mark(String text) {
        database.execute("select '" + text + "'");
    }

    private List<String> statements(String from, String to) {
        List<String> lines = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            lines.clear();
            lines.addAll(log().lines()
                    .dropWhile(line -> !line.contains("'" + from + "'"))
                    .takeWhile(line -> !line.contains("'" + to + "'"))
                    .toList());
            return log().contains("'" + to + "'");
        });
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher statement = STATEMENT.matcher(lines.get(i));
            if (statement.matches()) {
                StringBuilder sql = new StringBuilder(statement.group(1) + ": " + statement.group(2));
                while (i + 1 < lines.size() && !LINE.matcher(lines.get(i + 1)).matches()) {
                    sql.append(' ').append(lines.get(++i).strip());
                }
                statements.add(sql.toString());
            }
        }
        return statements;
    }

    private String log() {
        return database.jdbc()
                .sql("select pg_read_file('statements/statements.log')")
                .query(String.class)
                .single();
    }
}
