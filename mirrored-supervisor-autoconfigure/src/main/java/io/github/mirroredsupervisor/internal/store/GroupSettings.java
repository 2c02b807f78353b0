package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.internal.supervision.Strategy;
import java.time.Duration;

/**
 * How one group is configured on this peer.
 *
 * @param name the group's name
 * @param strategy which siblings a restart cycles
 * @param intensity how many restarts within the period are survived
 * @param period the window of the intensity
 * @param restartDelay how long restarts wait once the intensity is used up; zero is plain OTP
 * @param restartDelayMax what the delay of a child that nobody can start grows to; not shorter than the restart delay
 * @param policies what happens at its limits
 */
public record GroupSettings(
        String name,
        Strategy strategy,
        int intensity,
        Duration period,
        Duration restartDelay,
        Duration restartDelayMax,
        GroupPolicies policies) {

    private static final Duration LONGEST_DELAY = Duration.ofMinutes(5);

    /** Settings whose restart delay grows to five minutes, if it is not longer by itself. */
    public GroupSettings(
            String name,
            Strategy strategy,
            int intensity,
            Duration period,
            Duration restartDelay,
            GroupPolicies policies) {
        this(name, strategy, intensity, period, restartDelay, longestDelay(restartDelay), policies);
    }

    /** What a restart delay grows to where nothing else is said. */
    public static Duration longestDelay(Duration restartDelay) {
        return restartDelay.compareTo(LONGEST_DELAY) > 0 ? restartDelay : LONGEST_DELAY;
    }

    /** Settings with {@link GroupPolicies#DEFAULT}. */
    public GroupSettings(String name, Strategy strategy, int intensity, Duration period, Duration restartDelay) {
        this(name, strategy, intensity, period, restartDelay, GroupPolicies.DEFAULT);
    }
}
