package io.github.mirroredsupervisor.sample.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads statements from the log of a server that logs all of them with the prefix {@link #PREFIX}. */
public final class StatementLog {

    /** The value of {@code log_line_prefix}. */
    public static final String PREFIX = "%p|%a|";

    /**
     * One statement as the server ran it.
     *
     * @param application the application name of the session
     * @param sql its text, in one line
     */
    public record Statement(String application, String sql) {

        private static final Pattern WRITE =
                Pattern.compile("\\b(insert|update|delete|merge|truncate|create|alter|drop)\\b(?! of\\b)");
        private static final Pattern FRAME = Pattern.compile("^(begin|commit|rollback|set|show|discard)\\b.*");

        /** Whether it changes rows. Locking clauses such as FOR NO KEY UPDATE do not count. */
        boolean writes() {
            return !isFrame()
                    && WRITE.matcher(sql.toLowerCase(Locale.ROOT).replaceAll("for (no key )?update", ""))
                            .find();
        }

        /** Whether it only begins or ends a transaction or sets up the session. */
        boolean isFrame() {
            return FRAME.matcher(sql.toLowerCase(Locale.ROOT)).matches();
        }
    }

    private static final Pattern LINE =
            Pattern.compile("^\\d+\\|([^|]*)\\|LOG:\\s+(?:statement|execute [^:]*):\\s*(.*)$");
    private static final Pattern ANY_LINE = Pattern.compile("^\\d+\\|[^|]*\\|.*$");

    private StatementLog() {}

    /** The statements that the server ran meanwhile, of all sessions. */
    static List<Statement> record(TestBed bed, Runnable meanwhile) {
        Path log = bed.database().log();
        set(bed, "log_line_prefix", PREFIX);
        set(bed, "log_statement", "all");
        bed.pass(Duration.ofSeconds(1));
        long from = size(log);
        meanwhile.run();
        List<Statement> statements = parse(linesFrom(log, from));
        set(bed, "log_statement", "none");
        return statements;
    }

    private static void set(TestBed bed, String setting, String value) {
        bed.jdbc().sql("alter system set " + setting + " = '" + value + "'").update();
        bed.jdbc().sql("select pg_reload_conf()").query(Boolean.class).single();
    }

    private static long size(Path log) {
        try {
            return Files.size(log);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the log of the database", e);
        }
    }

    private static List<String> linesFrom(Path log, long from) {
        try {
            byte[] bytes = Files.readAllBytes(log);
            return new String(bytes, (int) from, bytes.length - (int) from, StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the log of the database", e);
        }
    }

    /** The statements of log lines, each with its continuation lines. */
    public static List<Statement> parse(List<String> lines) {
        List<Statement> statements = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher line = LINE.matcher(lines.get(i));
            if (line.matches()) {
                StringBuilder sql = new StringBuilder(line.group(2));
                while (i + 1 < lines.size()
                        && !ANY_LINE.matcher(lines.get(i + 1)).matches()) {
                    sql.append(' ').append(lines.get(++i).strip());
                }
                statements.add(new Statement(line.group(1), sql.toString().strip()));
            }
        }
        return statements;
    }
}
