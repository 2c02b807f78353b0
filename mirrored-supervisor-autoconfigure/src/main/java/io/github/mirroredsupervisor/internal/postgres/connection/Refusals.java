package io.github.mirroredsupervisor.internal.postgres.connection;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what the server refuses on one connection: once for each kind of work, again when the reason changed, and once
 * when it is over. It is over when the same kind of work has succeeded and was not refused for a while: what is refused
 * for one child may be done for another in between. Used by one thread.
 */
final class Refusals {

    private static final Logger logger = LoggerFactory.getLogger(Refusals.class);

    /** What a task says after its kind: which group, child or peer it is about. */
    private static final Pattern OBJECT = Pattern.compile(" (?:(?:of |into |in )?(?:group|child|children|peer)) .*");

    private final Role role;
    private final String target;
    private final long quietNanos;
    private final LongSupplier nanoTime;
    private final Map<String, Refusal> standing = new HashMap<>();

    Refusals(Role role, String target, Duration quiet, LongSupplier nanoTime) {
        this.role = role;
        this.target = target;
        this.quietNanos = quiet.toNanos();
        this.nanoTime = nanoTime;
    }

    private record Refusal(String reason, long lastSeen) {}

    /**
     * The server refused a task.
     *
     * @param reason what tells this refusal from others
     * @param message what to say about it
     */
    void refused(String task, String reason, String message) {
        Refusal before = standing.put(kindOf(task), new Refusal(reason, nanoTime.getAsLong()));
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
        if (before != null && nanoTime.getAsLong() - before.lastSeen() >= quietNanos) {
            standing.remove(kind);
            logger.info("No longer refused over the {} connection to {}: {}", role.text(), target, kind);
        }
    }

    private static String kindOf(String task) {
        return OBJECT.matcher(task).replaceFirst("");
    }
}
