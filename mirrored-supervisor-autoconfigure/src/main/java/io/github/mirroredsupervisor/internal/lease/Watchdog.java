package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.internal.platform.Threads;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops every child at the end of the permission (protocol rule 1), on its own thread. It uses neither the database nor
 * locks, and acts before it logs.
 */
public final class Watchdog {

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    /** How often it checks for a new deadline when there is none to wait for. */
    private static final long IDLE_NANOS = 50_000_000;

    private final Supplier<Permission> permission;
    private final Runnable expired;
    private final LongSupplier nanoTime;

    /** The last deadline it has fired for. */
    private @Nullable Long fired;

    public Watchdog(Supplier<Permission> permission, Runnable expired, LongSupplier nanoTime) {
        this.permission = permission;
        this.expired = expired;
        this.nanoTime = nanoTime;
    }

    /** Fires once for each reached deadline. Returns how many nanoseconds to wait before the next step. */
    public long step() {
        try {
            return watch();
        } catch (Throwable e) {
            Threads.say(() -> log.error("The watchdog met an unforeseen failure and goes on", e));
            return 0;
        }
    }

    private long watch() {
        Long deadline = permission.get().deadline();
        if (deadline == null || deadline.equals(fired)) {
            return IDLE_NANOS;
        }
        long left = deadline - nanoTime.getAsLong();
        if (left > 0) {
            return left;
        }
        expired.run();
        fired = deadline;
        return 0;
    }
}
