package io.github.mirroredsupervisor.sample.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a scenario found: lines for people, and whether every promise it checks was kept. Not thread-safe. */
final class Finding {

    private final String title;
    private final List<String> lines = new ArrayList<>();
    private boolean kept = true;
    private boolean onTime = true;

    Finding(String title) {
        this.title = title;
    }

    Finding figures(String what, Figures figures) {
        return line(String.format(Locale.ROOT, "%-44s %s", what, figures));
    }

    Finding line(String text) {
        lines.add(text);
        return this;
    }

    /** A promise: the measurement fails if it was not kept, however slow the machine. */
    Finding promise(boolean held, String text) {
        kept &= held;
        return line((held ? "kept    " : "BROKEN  ") + text);
    }

    /** A time or a rate to be reached; a busy machine may miss it. */
    Finding target(boolean reached, String text) {
        onTime &= reached;
        return line((reached ? "reached " : "MISSED  ") + text);
    }

    boolean kept() {
        return kept;
    }

    boolean onTime() {
        return onTime;
    }

    @Override
    public String toString() {
        return title + "\n  " + String.join("\n  ", lines);
    }
}
