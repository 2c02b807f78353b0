package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.internal.platform.Ticker;
import java.time.Duration;

/**
 * How soon rows are read after a hint. Any user of the database may send hints, so hints must not keep the work thread
 * from claims and reports: a burst is served at once, and a flood at a steady rate. Hints that arrive before a
 * scheduled read are covered by that read, so none is dropped. A token bucket. Thread-safe.
 */
final class NotificationPace {

    /** The cost of a read of all rows, in units of a read of some rows. */
    static final int EVERYTHING = 10;

    private static final long NANOS_PER_LOOK = Duration.ofMillis(10).toNanos();

    private static final long BURST = 100 * NANOS_PER_LOOK;

    private final Ticker ticker;

    /** When the bucket would be full again. */
    private long full;

    /** A full bucket. */
    NotificationPace(Ticker ticker) {
        this.ticker = ticker;
        this.full = ticker.nanoTime();
    }

    /** Takes this many units, and returns how long to wait before the read. */
    synchronized Duration take(int looks) {
        long now = ticker.nanoTime();
        full = (full - now > 0 ? full : now) + looks * NANOS_PER_LOOK;
        return Duration.ofNanos(Math.max(0, full - now - BURST));
    }
}
