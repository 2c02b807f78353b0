package io.github.mirroredsupervisor.internal.supervision.values;

import java.time.Duration;

/**
 * OTP's supervisor flags, and bounds on starts and ends.
 *
 * @param strategy which siblings are cycled when a child is restarted
 * @param intensity how many restarts within {@code period} are allowed; zero or more
 * @param period the window of the intensity, inclusive (semantics row A38)
 * @param restartDelay how long restarts wait once the intensity is used up; zero is plain OTP:
 *     {@code onIntensityExceeded} follows
 * @param onIntensityExceeded what ends when the intensity is exceeded and the restart delay is zero
 * @param bounds the bounds on starts and ends
 */
public record SupervisorFlags(
        Strategy strategy,
        int intensity,
        Duration period,
        Duration restartDelay,
        OnIntensityExceeded onIntensityExceeded,
        Bounds bounds) {

    /**
     * Bounds on the starts and ends of children.
     *
     * @param starts how many children that are independent of each other may be in their init at the same time
     * @param stop how long after the loss of the permission a child may take to end before it counts as stuck. No
     *     independent child waits longer than that for the init of another
     * @param abandon how long a stuck child is waited for before it is abandoned. This is the lease, as for a child of
     *     a lost peer. Then its token is dead, and its successor may start
     */
    public record Bounds(int starts, Duration stop, Duration abandon) {}
}
