package io.github.mirroredsupervisor.internal.postgres.connection;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what the server refuses on one connection: once for each kind of work, again when the reason changes, and once
 * when it is over. It is over when the same kind of work succeeds after a time without refusals: while work for one
 * child is refused, the same work for another child may succeed. Used by one thread.
 */
final class Refusals {

    private static final Logger logger = LoggerFactory.getLogger(Refusals.class);

    /** The end of a task's text: the group, child or peer that the task is about. */
    private static final Pattern OBJECT = Pattern.compile(" (?:(?:of |into |in )?(?:group|child|children|peer)) .*");

    private final Role role;
    private final String target;
    private final long quietNanos;
    private final Map<String, Refusal> standing = new HashMap<>();

    Refusals(Role role, String target, Duration quiet) {
        this.role = role;
        this.target = target;
        this.quietNanos = quiet.toNanos();
    }

    private record Refusal(String reason, long lastSeen) {}

    /**
     * The server refused a task.
     *
     * @param reason identifies this refusal
     * @param message what to log
     */
    void refused(String task, String reason, String message) {
        Refusal before = standing.put(kindOf(task), new Refusal(reason, System.nanoTime()));
        if (before == null || !before.reason().equals(reason)) {
            logger.warn("{}", message);
        } else {
            logger.debug("{}", message);
        }
    }

    /** The server did a task. */
    void succeeded(String task) {
        if (standing.isEmpty()) {
            return;
        }
        String kind = kindOf(task);
        Refusal before = standing.get(kind);
        if (before != null && System.nanoTime() - before.lastSeen() >= quietNanos) {
            standing.remove(kind);
            logger.info("No longer refused over the {} connection to {}: {}", role.text(), target, kind);
        }
    }

    private static String kindOf(String task) {
        return OBJECT.matcher(task).replaceFirst("");
    }
}
