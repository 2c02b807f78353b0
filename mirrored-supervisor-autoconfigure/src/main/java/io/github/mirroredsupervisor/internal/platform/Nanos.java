package io.github.mirroredsupervisor.internal.platform;

import java.time.Duration;

/** Durations as monotonic nanoseconds. */
public final class Nanos {

    /** Half of what subtraction can compare: about 146 years. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private Nanos() {}

    /** Users may configure absurdly long durations, which must not overflow. */
    public static long of(Duration duration) {
        return duration.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : duration.toNanos();
    }
}
