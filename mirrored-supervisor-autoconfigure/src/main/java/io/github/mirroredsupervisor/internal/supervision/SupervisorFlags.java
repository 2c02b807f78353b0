package io.github.mirroredsupervisor.internal.supervision;

import java.time.Duration;

/**
 * OTP's supervisor flags, and the bounds a lease adds.
 *
 * @param strategy which siblings are cycled when a child is restarted
 * @param intensity how many restarts within {@code period} are survived; zero or more
 * @param period the window of the intensity, inclusive (semantics row A38)
 * @param restartDelay how long restarts wait once the intensity is used up; zero is plain OTP:
 *     {@code onIntensityExceeded} follows
 * @param onIntensityExceeded what ends then
 * @param bounds the bounds that a lease adds
 */
public record SupervisorFlags(
        Strategy strategy,
        int intensity,
        Duration period,
        Duration restartDelay,
        OnIntensityExceeded onIntensityExceeded,
        Bounds bounds) {

    /**
     * Bounds on the ends of children.
     *
     * @param stop how long a child may take to end once the permission is lost before it counts as stuck
     * @param abandon for how long, from then on, a stuck child keeps its place. After as long as a lost peer would keep
     *     it, the lease, its run is given up: its token is dead, and its successor may start
     */
    public record Bounds(Duration stop, Duration abandon) {}
}
