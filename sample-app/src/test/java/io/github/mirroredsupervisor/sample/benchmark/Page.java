package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.measure.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The page of a benchmark: how to repeat it, how each system was set up, and what came out. */
final class Page {

    private static final String NONE = "–";

    private final BenchmarkOptions options;
    private final Results results;
    private final Surroundings surroundings;
    private final int rounds;
    private final Duration took;

    /**
     * @param rounds how many are complete
     * @param took how long they took
     */
    Page(BenchmarkOptions options, Results results, Surroundings surroundings, int rounds, Duration took) {
        this.options = options;
        this.results = results;
        this.surroundings = surroundings;
        this.rounds = rounds;
        this.took = took;
    }

    /** Milliseconds, with a decimal where it matters. */
    static String millis(double millis) {
        return String.format(Locale.ROOT, Math.abs(millis) < 10 ? "%.1f" : "%,.0f", millis);
    }

    String picture() {
        return new Picture(results, options.systems()).svg();
    }

    String text() {
        return template()
                .replace("{rounds}", Integer.toString(options.rounds()))
                .replace("{aftermath}", Long.toString(Trial.AFTERMATH.toSeconds()))
                .replace("{children}", String.format(Locale.ROOT, "%,d", options.children()))
                .replace("{settings}", settings())
                .replace("{where}", where())
                .replace("{table}", table());
    }

    private static String template() {
        try (InputStream page = Page.class.getResourceAsStream("page.md")) {
            return new String(Objects.requireNonNull(page, "page.md").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new BenchmarkException("Cannot read the template of the page", e);
        }
    }

    private String settings() {
        return options.systems().stream()
                .map(system -> "- **" + title(system) + "**: " + system.setting())
                .collect(Collectors.joining("\n"));
    }

    private static String title(Contender system) {
        String version = system.artifact().isEmpty() ? "" : Surroundings.version(system.artifact());
        return version.isEmpty() ? system.title() : system.title() + " " + version;
    }

    private String where() {
        return String.format(
                Locale.ROOT,
                "%s, %d rounds in %d minutes. %s. %s; PostgreSQL %s; pgjdbc %s; Spring Boot %s.%s",
                surroundings.date(),
                rounds,
                took.plusSeconds(30).toMinutes(),
                surroundings.machine(),
                surroundings.java(),
                surroundings.postgres(),
                Surroundings.version("postgresql"),
                Surroundings.version("spring-boot"),
                load());
    }

    /** Said where the machine had something else to do, which makes every figure worse. */
    private String load() {
        double load = surroundings.loadBefore();
        return load < 0.5
                ? ""
                : String.format(
                        Locale.ROOT,
                        " **The machine had other work to do: its load was %.1f before the first trial.**",
                        load);
    }

    String table() {
        StringBuilder table = new StringBuilder();
        table.append("| system | `kill` | RSS | `hang` | acts after SIGCONT | `stop` | acts of both | `mass` |"
                + " `rest`: statements | bytes | CPU |\n");
        table.append("|---|---|---|---|---|---|---|---|---|---|---|\n");
        for (Contender system : options.systems()) {
            table.append("| ")
                    .append(List.of(
                                    title(system),
                                    takeovers(system, Strike.KILL),
                                    megabytes(system),
                                    takeovers(system, Strike.HANG),
                                    overlaps(system, Strike.HANG),
                                    takeovers(system, Strike.STOP),
                                    overlaps(system, Strike.STOP),
                                    takeovers(system, Strike.MASS),
                                    cost(system, cost -> String.format(Locale.ROOT, "%.2f", cost.statements())),
                                    cost(
                                            system,
                                            cost -> cost.bytes().isPresent()
                                                    ? String.format(
                                                            Locale.ROOT,
                                                            "%,.0f",
                                                            cost.bytes().getAsDouble())
                                                    : NONE),
                                    cost(system, cost -> String.format(Locale.ROOT, "%.1f ms", cost.cpuMillis())))
                            .stream()
                            .collect(Collectors.joining(" | ")))
                    .append(" |\n");
        }
        return table.toString().stripTrailing();
    }

    private String takeovers(Contender system, Strike strike) {
        if (results.isHopeless(system, strike)) {
            return "none in " + options.patience().toSeconds() + " s";
        }
        Figures figures = Figures.of(results.millis(system, strike));
        if (figures.count() == 0) {
            return NONE;
        }
        return figures.count() == 1
                ? millis(figures.median())
                : millis(figures.median()) + " (" + millis(figures.min()) + "–" + millis(figures.max()) + ")";
    }

    private String overlaps(Contender system, Strike strike) {
        Figures figures = results.overlaps(system, strike);
        return figures.count() == 0
                ? NONE
                : String.format(Locale.ROOT, "%,.0f (max. %,.0f)", figures.median(), figures.max());
    }

    private String megabytes(Contender system) {
        Figures figures = results.megabytes(system, Strike.KILL);
        return figures.count() == 0 ? NONE : String.format(Locale.ROOT, "%.0f MB", figures.median());
    }

    private String cost(Contender system, Function<Cost, String> text) {
        Optional<Cost> cost = results.cost(system);
        return cost.map(text).orElse(NONE);
    }
}
