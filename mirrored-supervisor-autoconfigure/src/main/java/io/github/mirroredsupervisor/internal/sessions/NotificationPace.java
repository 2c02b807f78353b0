package io.github.mirroredsupervisor.internal.sessions;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How soon what hints tell of is looked at. Whoever may connect to the database may send hints, so they must not keep
 * the work thread from claims and reports: a burst is served at once, and a flood at a steady rate. What comes while a
 * look is due is part of that look, so nothing is dropped. A token bucket. Thread-safe.
 */
public final class NotificationPace {

    /** A look at everything, in looks at some rows. */
    public static final int EVERYTHING = 10;

    private static final long NANOS_PER_LOOK = Duration.ofMillis(10).toNanos();

    private static final long BURST = 100 * NANOS_PER_LOOK;

    private final LongSupplier clock;

    /** When the bucket would be full again. */
    private long full;

    /** A full bucket. */
    public NotificationPace(LongSupplier clock) {
        this.clock = clock;
        this.full = clock.getAsLong();
    }

    /** Takes so many looks, and returns how long to wait before them. */
    public synchronized Duration take(int looks) {
        long now = clock.getAsLong();
        full = (full - now > 0 ? full : now) + looks * NANOS_PER_LOOK;
        return Duration.ofNanos(Math.max(0, full - now - BURST));
    }
}
