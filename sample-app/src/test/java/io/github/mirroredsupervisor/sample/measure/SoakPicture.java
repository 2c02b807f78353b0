package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.measure.Tally.Cycle;
import io.github.mirroredsupervisor.sample.witness.Run;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The pictures of a soak, as SVG. */
final class SoakPicture {

    private static final int WIDTH = 900;
    private static final int LEFT = 150;
    private static final int ROW = 22;
    private static final int TOP = 40;
    private static final List<String> COLOURS =
            List.of("#3366aa", "#cc7722", "#448844", "#884488", "#aa3344", "#667788");

    private final Tally tally;

    SoakPicture(Tally tally) {
        this.tally = tally;
    }

    /** Every takeover and every gap as a dot, by kind, on a logarithmic axis. */
    String takeovers() {
        Map<Trouble, Tally.Kind> kinds = tally.kinds();
        double longest = kinds.values().stream()
                .flatMap(kind -> Stream.concat(kind.takeovers().stream(), kind.gaps().stream()))
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(1);
        double decades = Math.max(1, Math.ceil(Math.log10(longest)));
        StringBuilder body = new StringBuilder();
        int height = TOP + kinds.size() * ROW + 10;
        for (int decade = 0; decade <= decades; decade++) {
            double x = LEFT + (WIDTH - LEFT - 20) * decade / decades;
            line(body, x, TOP - 10, x, height, "#dddddd");
            text(
                    body,
                    x,
                    TOP - 16,
                    "middle",
                    (decade == 0 ? "1" : String.format(Locale.ROOT, "%.0f", Math.pow(10, decade))) + " ms");
        }
        int row = 0;
        for (Entry<Trouble, Tally.Kind> entry : kinds.entrySet()) {
            double y = TOP + row++ * ROW + ROW / 2.0;
            text(body, LEFT - 10, y + 4, "end", entry.getKey().label());
            entry.getValue().gaps().forEach(millis -> dot(body, x(millis, decades), y + 3, COLOURS.get(5)));
            entry.getValue().takeovers().forEach(millis -> dot(body, x(millis, decades), y - 3, COLOURS.get(0)));
        }
        return svg(
                height,
                "Blue: until the last child of a lost process ran elsewhere. Grey: the longest gap of a child.",
                body);
    }

    private static double x(double millis, double decades) {
        return LEFT + (WIDTH - LEFT - 20) * Math.log10(Math.max(1, millis)) / decades;
    }

    /** Which node ran which child around the longest gap. */
    String worstCycle() {
        Cycle cycle = tally.worst();
        Map<String, List<Run>> children =
                cycle.runs().stream().collect(Collectors.groupingBy(Run::child, TreeMap::new, Collectors.toList()));
        Map<String, String> colours = new TreeMap<>();
        StringBuilder body = new StringBuilder();
        int height = TOP + children.size() * ROW + 10;
        double span = Math.max(1, cycle.toNanos() - cycle.fromNanos());
        int row = 0;
        for (Entry<String, List<Run>> child : children.entrySet()) {
            double y = TOP + row++ * ROW;
            text(body, LEFT - 10, y + ROW / 2.0 + 4, "end", child.getKey());
            for (Run run : child.getValue()) {
                String colour = colours.computeIfAbsent(
                        run.node() + " " + run.pid(), who -> COLOURS.get(colours.size() % COLOURS.size()));
                double from = Math.max(0, (run.beginNanos() - cycle.fromNanos()) / span);
                double to = run.endNanos() == null ? 1 : Math.min(1, (run.endNanos() - cycle.fromNanos()) / span);
                body.append(String.format(
                        Locale.ROOT,
                        "<rect x='%.1f' y='%.1f' width='%.1f' height='%d' fill='%s'><title>%s token %d</title></rect>%n",
                        LEFT + from * (WIDTH - LEFT - 20),
                        y + 3,
                        Math.max(0.5, (to - from) * (WIDTH - LEFT - 20)),
                        ROW - 6,
                        colour,
                        run.node(),
                        run.token()));
            }
        }
        String title =
                cycle.strike() == null ? "nothing" : cycle.strike().toString().trim();
        return svg(
                height,
                String.format(
                        Locale.ROOT, "%s: %.0f ms from left to right, a colour for each process", title, span / 1e6),
                body);
    }

    private static void line(StringBuilder body, double x1, double y1, double x2, double y2, String colour) {
        body.append(String.format(
                Locale.ROOT, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s'/>%n", x1, y1, x2, y2, colour));
    }

    private static void dot(StringBuilder body, double x, double y, String colour) {
        body.append(String.format(
                Locale.ROOT, "<circle cx='%.1f' cy='%.1f' r='2.5' fill='%s' fill-opacity='0.6'/>%n", x, y, colour));
    }

    private static void text(StringBuilder body, double x, double y, String anchor, String text) {
        body.append(
                String.format(Locale.ROOT, "<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>%n", x, y, anchor, text));
    }

    private static String svg(int height, String title, StringBuilder body) {
        return String.format(Locale.ROOT, """
                <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif' font-size='12'>
                <rect width='100%%' height='100%%' fill='white'/>
                <text x='10' y='14' font-size='13'>%s</text>
                %s</svg>
                """, WIDTH, height, title, body);
    }
}
