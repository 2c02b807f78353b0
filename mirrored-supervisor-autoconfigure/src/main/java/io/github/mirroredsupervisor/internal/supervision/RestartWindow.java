package io.github.mirroredsupervisor.internal.supervision;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The recent restarts of one supervisor, all children together (semantics row A27). Times are whole seconds of
 * monotonic time, and both ends are inclusive (row A38). So two restarts can count together although they are almost
 * one second further apart than the period.
 *
 * @param seconds the times of the counted restarts, oldest first
 */
record RestartWindow(List<Long> seconds) {

    static final RestartWindow EMPTY = new RestartWindow(List.of());

    private static final long NANOS = 1_000_000_000L;

    /** Adds a restart now, and drops the restarts that have left the window. */
    RestartWindow plus(long nowNanos, Duration period) {
        List<Long> kept = new ArrayList<>(seconds.size() + 1);
        for (Long then : seconds) {
            if (isWithin(then, nowNanos, period)) {
                kept.add(then);
            }
        }
        kept.add(Math.floorDiv(nowNanos, NANOS));
        return new RestartWindow(List.copyOf(kept));
    }

    /** How many restarts are in the window now. */
    int count(long nowNanos, Duration period) {
        int count = 0;
        for (Long then : seconds) {
            if (isWithin(then, nowNanos, period)) {
                count++;
            }
        }
        return count;
    }

    private static boolean isWithin(long thenSecond, long nowNanos, Duration period) {
        long age = Math.floorDiv(nowNanos, NANOS) - thenSecond;
        return Duration.ofSeconds(age).compareTo(period) <= 0;
    }
}
