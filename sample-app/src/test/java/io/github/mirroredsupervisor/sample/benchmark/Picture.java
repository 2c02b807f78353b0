package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.measure.Figures;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Every takeover of a benchmark as a dot, by system and strike, on a logarithmic axis; as SVG. */
final class Picture {

    private static final int WIDTH = 960;
    private static final int LEFT = 190;
    private static final int RIGHT = 70;
    private static final int TOP = 56;
    private static final int LINE = 13;
    private static final int GAP = 12;
    private static final double LEAST = 1;

    private static final Map<Strike, String> COLOURS = new EnumMap<>(Map.of(
            Strike.KILL, "#3366aa",
            Strike.HANG, "#cc7722",
            Strike.STOP, "#448844",
            Strike.MASS, "#884488"));

    private final Results results;
    private final List<Contender> systems;
    private final StringBuilder body = new StringBuilder();

    Picture(Results results, List<Contender> systems) {
        this.results = results;
        this.systems = systems;
    }

    String svg() {
        double decades = decades();
        int y = TOP;
        for (Contender system : systems) {
            y = rows(system, y, decades) + GAP;
        }
        StringBuilder frame = new StringBuilder();
        for (int decade = 0; decade <= decades; decade++) {
            double x = x(Math.pow(10, decade), decades);
            frame.append(String.format(
                    Locale.ROOT, "<line x1='%.1f' y1='%d' x2='%.1f' y2='%d' stroke='#dddddd'/>%n", x, TOP - 12, x, y));
            frame.append(text(x, TOP - 18, "middle", "black", axis(decade)));
        }
        int legend = 10;
        for (Map.Entry<Strike, String> strike : COLOURS.entrySet()) {
            frame.append(text(legend, TOP - 38, "start", strike.getValue(), "● " + legend(strike.getKey())));
            legend += 235;
        }
        return String.format(
                Locale.ROOT,
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif' font-size='12'>%n"
                        + "<rect width='100%%' height='100%%' fill='white'/>%n%s%s</svg>%n",
                WIDTH,
                y,
                frame,
                body);
    }

    private int rows(Contender system, int top, double decades) {
        int y = top;
        for (Strike strike : COLOURS.keySet()) {
            List<Double> millis = results.millis(system, strike);
            boolean hopeless = results.isHopeless(system, strike);
            if (millis.isEmpty() && !hopeless) {
                continue;
            }
            y += LINE;
            String colour = COLOURS.get(strike);
            for (double takeover : millis) {
                body.append(String.format(
                        Locale.ROOT,
                        "<circle cx='%.1f' cy='%d' r='3' fill='%s' fill-opacity='0.5'/>%n",
                        x(takeover, decades),
                        y - 4,
                        colour));
            }
            if (hopeless) {
                body.append(text(WIDTH - RIGHT, y, "start", colour, "→ none"));
            } else {
                Figures figures = Figures.of(millis);
                body.append(text(x(figures.max(), decades) + 8, y, "start", colour, Page.millis(figures.median())));
            }
        }
        if (y > top) {
            body.append(text(LEFT - 14, (top + y) / 2.0 + 5, "end", "black", system.title()));
        }
        return y;
    }

    private double decades() {
        double longest = systems.stream()
                .flatMap(system -> COLOURS.keySet().stream().flatMap(strike -> results.millis(system, strike).stream()))
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(LEAST);
        return Math.max(1, Math.ceil(Math.log10(longest)));
    }

    private static double x(double millis, double decades) {
        return LEFT + (WIDTH - LEFT - RIGHT) * Math.log10(Math.max(LEAST, millis)) / decades;
    }

    private static String axis(int decade) {
        return decade < 3
                ? String.format(Locale.ROOT, "%.0f ms", Math.pow(10, decade))
                : String.format(Locale.ROOT, "%.0f s", Math.pow(10, decade - 3));
    }

    private static String legend(Strike strike) {
        return switch (strike) {
            case KILL -> "SIGKILL";
            case HANG -> "SIGSTOP";
            case STOP -> "SIGTERM: without an owner";
            case MASS -> "SIGKILL, many children";
            case REST -> throw new IllegalStateException("nothing to draw");
        };
    }

    private static String text(double x, double y, String anchor, String colour, String text) {
        return String.format(
                Locale.ROOT,
                "<text x='%.1f' y='%.1f' text-anchor='%s' fill='%s'>%s</text>%n",
                x,
                y,
                anchor,
                colour,
                text);
    }
}
