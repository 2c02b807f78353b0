package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;

/**
 * The configuration of one group on this peer.
 *
 * @param name the group's name
 * @param strategy which siblings a restart cycles
 * @param intensity how many restarts within the period are allowed
 * @param period the window of the intensity
 * @param restartDelay how long restarts wait once the intensity is used up; zero is plain OTP
 * @param restartDelayMax the maximum delay of a child that no peer can start; not shorter than the restart delay
 * @param concurrentStarts how many children that are independent of each other this peer starts at the same time
 * @param policies what happens in special cases
 */
public record GroupSettings(
        String name,
        Strategy strategy,
        int intensity,
        Duration period,
        Duration restartDelay,
        Duration restartDelayMax,
        int concurrentStarts,
        GroupPolicies policies) {

    /**
     * Inits often use the application's database. A default connection pool has ten connections: with fewer inits at a
     * time they do not wait for each other's, and the rest of the application still gets some.
     */
    public static final int CONCURRENT_STARTS = 8;

    private static final Duration LONGEST_DELAY = Duration.ofMinutes(5);

    /**
     * Settings whose restart delay grows to five minutes, or stays constant if it is longer, with the default number of
     * concurrent starts.
     */
    public GroupSettings(
            String name,
            Strategy strategy,
            int intensity,
            Duration period,
            Duration restartDelay,
            GroupPolicies policies) {
        this(name, strategy, intensity, period, restartDelay, longestDelay(restartDelay), CONCURRENT_STARTS, policies);
    }

    /** The default maximum of a restart delay. */
    public static Duration longestDelay(Duration restartDelay) {
        return restartDelay.compareTo(LONGEST_DELAY) > 0 ? restartDelay : LONGEST_DELAY;
    }

    /** Settings with {@link GroupPolicies#DEFAULT}. */
    public GroupSettings(String name, Strategy strategy, int intensity, Duration period, Duration restartDelay) {
        this(name, strategy, intensity, period, restartDelay, GroupPolicies.DEFAULT);
    }
}
