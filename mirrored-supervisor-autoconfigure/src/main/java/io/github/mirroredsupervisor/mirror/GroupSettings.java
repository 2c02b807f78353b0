package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.supervision.Strategy;
import java.time.Duration;

/**
 * How one group is configured on this peer.
 *
 * @param name the group's name
 * @param strategy which siblings a restart cycles
 * @param intensity how many restarts within the period are survived
 * @param period the window of the intensity
 * @param restartDelay how long restarts wait once the intensity is used up; zero is plain OTP
 * @param policies what happens at its limits
 */
public record GroupSettings(
        String name, Strategy strategy, int intensity, Duration period, Duration restartDelay, GroupPolicies policies) {

    /** Settings with {@link GroupPolicies#DEFAULT}. */
    public GroupSettings(String name, Strategy strategy, int intensity, Duration period, Duration restartDelay) {
        this(name, strategy, intensity, period, restartDelay, GroupPolicies.DEFAULT);
    }
}
