package io.github.mirroredsupervisor.supervision;

import java.time.Duration;

/**
 * OTP's supervisor flags, and the bounds a lease adds.
 *
 * @param strategy which siblings are cycled when a child is restarted
 * @param intensity how many restarts within {@code period} are survived; zero or more
 * @param period the window of the intensity, inclusive (semantics row A38)
 * @param restartDelay how long restarts wait once the intensity is used up; zero is plain OTP: the supervisor gives up
 * @param stopBound how long a child may take to end once the permission is lost before it counts as stuck
 */
public record SupervisorFlags(
        Strategy strategy, int intensity, Duration period, Duration restartDelay, Duration stopBound) {}
