package io.github.mirroredsupervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The picture of the rooms in {@code docs/rooms.svg} is drawn from the code. After a change of the rooms the build
 * fails until it is redrawn, with {@code -Drooms.draw=true}, and until {@code docs/architecture.md} says what each room
 * is for.
 */
class RoomsPictureTests {

    private static final String ROOT = "io.github.mirroredsupervisor";
    private static final Path PICTURE = Path.of("..", "docs", "rooms.svg");
    private static final Path TEXT = Path.of("..", "docs", "architecture.md");
    private static final String API = "API";

    private static final int COLUMN = 196;
    private static final int BOX_WIDTH = 176;
    private static final int BOX_HEIGHT = 38;
    private static final int ROW_HEIGHT = 96;
    private static final int MARGIN = 24;

    /** The rooms that each room uses. */
    private final Map<String, Set<String>> uses = uses();

    @Test
    void thePictureShowsTheRoomsOfTheCode() throws IOException {
        String drawn = draw();
        if (Boolean.getBoolean("rooms.draw")) {
            Files.writeString(PICTURE, drawn);
        }
        assertThat(Files.readString(PICTURE)).isEqualTo(drawn);
    }

    @Test
    void theTextTellsWhatEachRoomIsFor() throws IOException {
        String text = Files.readString(TEXT);
        assertThat(uses.keySet()).allSatisfy(room -> assertThat(text).contains("| `" + room + "` |"));
    }

    @Test
    void theTableOfRulesNamesTypesThatThereAre() throws IOException {
        Matcher type = Pattern.compile("`([a-z.]+\\.[A-Z]\\w+)`").matcher(Files.readString(TEXT));
        List<String> named = type.results().map(found -> found.group(1)).toList();
        assertThat(named).isNotEmpty().allSatisfy(name -> Class.forName(ROOT + ".internal." + name));
    }

    private static Map<String, Set<String>> uses() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ROOT);
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass type : classes) {
            Set<String> used = uses.computeIfAbsent(room(type), room -> new TreeSet<>());
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass();
                if (target.getPackageName().startsWith(ROOT) && !room(target).equals(room(type))) {
                    used.add(room(target));
                }
            }
        }
        return uses;
    }

    private static String room(JavaClass type) {
        String name = type.getPackageName();
        return name.equals(ROOT) ? API : name.substring(ROOT.length() + 1);
    }

    private String draw() {
        List<List<String>> rows = rows();
        int width = COLUMN * rows.stream().mapToInt(List::size).max().orElse(1);
        Map<String, double[]> centres = centres(rows, width);
        StringBuilder svg = new StringBuilder();
        int height = rows.size() * ROW_HEIGHT + MARGIN;
        line(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12.5\">",
                width,
                height);
        line(svg, "<title>The rooms of the library. Each uses only rooms below it.</title>");
        line(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", width, height);
        uses.keySet()
                .forEach(room -> indispensable(room).forEach(used -> arrow(svg, centres.get(room), centres.get(used))));
        rows.forEach(row -> row.forEach(room -> box(svg, room, centres.get(room))));
        line(svg, "</svg>");
        return svg.toString();
    }

    /** Puts each room into the lowest row above all rooms that it uses. The highest row comes first. */
    private List<List<String>> rows() {
        Map<String, Integer> levels = new HashMap<>();
        uses.keySet().forEach(room -> level(room, levels));
        int top = levels.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        List<List<String>> rows = new ArrayList<>();
        for (int level = top; level >= 0; level--) {
            int wanted = level;
            rows.add(uses.keySet().stream()
                    .filter(room -> levels.get(room) == wanted)
                    .toList());
        }
        return rows;
    }

    private int level(String room, Map<String, Integer> levels) {
        Integer known = levels.get(room);
        if (known == null) {
            known = uses.get(room).stream()
                    .mapToInt(used -> level(used, levels) + 1)
                    .max()
                    .orElse(0);
            levels.put(room, known);
        }
        return known;
    }

    /**
     * The rooms that a room uses, without those that it also reaches through another one: fewer lines, the same order.
     */
    private Set<String> indispensable(String room) {
        Set<String> direct = new TreeSet<>(uses.get(room));
        for (String used : uses.get(room)) {
            direct.removeAll(reached(used));
        }
        return direct;
    }

    private Set<String> reached(String room) {
        Set<String> reached = new TreeSet<>();
        for (String used : uses.get(room)) {
            reached.add(used);
            reached.addAll(reached(used));
        }
        return reached;
    }

    private static Map<String, double[]> centres(List<List<String>> rows, int width) {
        Map<String, double[]> centres = new HashMap<>();
        for (int row = 0; row < rows.size(); row++) {
            List<String> rooms = rows.get(row);
            double step = (double) width / rooms.size();
            for (int i = 0; i < rooms.size(); i++) {
                centres.put(
                        rooms.get(i), new double[] {step * (i + 0.5), MARGIN + row * ROW_HEIGHT + BOX_HEIGHT / 2.0});
            }
        }
        return centres;
    }

    private static void arrow(StringBuilder svg, double[] from, double[] to) {
        double top = from[1] + BOX_HEIGHT / 2.0;
        double bottom = to[1] - BOX_HEIGHT / 2.0;
        double bend = (bottom - top) / 2;
        line(
                svg,
                "<path d=\"M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f\" fill=\"none\" stroke=\"#8aa0b4\"/>",
                from[0],
                top,
                from[0],
                top + bend,
                to[0],
                bottom - bend,
                to[0],
                bottom);
    }

    private static void box(StringBuilder svg, String room, double[] centre) {
        String colour = room.startsWith("internal.postgres")
                ? "#e3f1e6"
                : room.startsWith("internal") ? "#e4edf7" : room.equals(API) ? "#fdf1d8" : "#f2e6f2";
        line(
                svg,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\" stroke=\"#55697d\"/>",
                centre[0] - BOX_WIDTH / 2.0,
                centre[1] - BOX_HEIGHT / 2.0,
                BOX_WIDTH,
                BOX_HEIGHT,
                colour);
        line(
                svg,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"#1d2b38\">%s</text>",
                centre[0],
                centre[1] + 4.5,
                room.replace("internal.", ""));
    }

    private static void line(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
