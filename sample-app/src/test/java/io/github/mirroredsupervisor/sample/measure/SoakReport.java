package io.github.mirroredsupervisor.sample.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

/** What a soak found, for people: a page with two pictures. */
final class SoakReport {

    private final MeasureOptions options;
    private final Tally tally;
    private final Finding finding;

    SoakReport(MeasureOptions options, Tally tally, Finding finding) {
        this.options = options;
        this.tally = tally;
        this.finding = finding;
    }

    /** One kind of trouble, for the console. */
    static String line(Trouble trouble, Tally.Kind kind) {
        return String.format(
                Locale.ROOT,
                "%-18s %4d strikes  %5d moves  takeover %s   longest gap %s",
                trouble.label(),
                kind.strikes(),
                kind.moves(),
                spread(kind.takeovers()),
                spread(kind.gaps()));
    }

    /** Median, 95th percentile and maximum. */
    private static String spread(List<Double> millis) {
        return millis.isEmpty()
                ? "     -"
                : String.format(
                        Locale.ROOT,
                        "%6.0f /%6.0f /%6.0f ms",
                        Figures.percentile(millis, 0.5),
                        Figures.percentile(millis, 0.95),
                        Figures.percentile(millis, 1));
    }

    void write(Path folder) {
        SoakPicture picture = new SoakPicture(tally);
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("soak.md"), page());
            Files.writeString(folder.resolve("takeovers.svg"), picture.takeovers());
            Files.writeString(folder.resolve("worst-cycle.svg"), picture.worstCycle());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the report to " + folder, e);
        }
    }

    private String page() {
        StringBuilder page = new StringBuilder("# Soak of ")
                .append(LocalDate.now(ZoneOffset.UTC))
                .append("\n\n");
        page.append("Profile ")
                .append(options.profile().label())
                .append(", seed ")
                .append(options.seed())
                .append(", pooler ")
                .append(options.pooler() == null ? "none" : options.pooler())
                .append(", Java ")
                .append(Runtime.version().feature())
                .append(".\n\n");
        page.append(
                "| trouble | strikes | children moved | last child elsewhere: p50 / p95 / max | longest gap of a child: p50 / p95 / max |\n");
        page.append("|---|---|---|---|---|\n");
        tally.kinds()
                .forEach((trouble, kind) -> page.append(String.format(
                        Locale.ROOT,
                        "| %s | %d | %d | %s | %s |%n",
                        trouble.label(),
                        kind.strikes(),
                        kind.moves(),
                        spread(kind.takeovers()),
                        spread(kind.gaps()))));
        page.append("\n![How long it took, by kind of trouble](takeovers.svg)\n\n");
        Strike worst = tally.worst().strike();
        if (worst != null) {
            page.append("The strike in which a child did not run for the longest time: `")
                    .append(worst)
                    .append("`\n\n![Its timeline](worst-cycle.svg)\n\n");
        }
        return page.append("```\n").append(finding).append("\n```\n").toString();
    }
}
