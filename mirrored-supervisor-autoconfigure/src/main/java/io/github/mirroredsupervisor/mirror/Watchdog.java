package io.github.mirroredsupervisor.mirror;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that stops every child at the end of the permission (protocol rule 1). It touches neither database nor lock, and acts before it logs.
 */
final class Watchdog implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    /** A safety net for the unpark after a first renewal. */
    private static final long IDLE_NANOS = 50_000_000;

    private final Supplier<Permission> permission;
    private final Runnable expired;

    private volatile boolean running = true;

    Watchdog(Supplier<Permission> permission, Runnable expired) {
        this.permission = permission;
        this.expired = expired;
    }

    @Override
    public void run() {
        Long fired = null;
        while (running) {
            try {
                fired = watch(fired);
            } catch (Throwable e) {
                Threads.say(() -> log.error("The watchdog met an unforeseen failure and goes on", e));
            }
        }
    }

    /** Sleeps to the deadline, or fires for it once. Returns the deadline it has fired for. */
    private @Nullable Long watch(@Nullable Long fired) {
        Long deadline = permission.get().deadline();
        if (deadline == null || deadline.equals(fired)) {
            LockSupport.parkNanos(this, IDLE_NANOS);
            return fired;
        }
        long left = deadline - System.nanoTime();
        if (left > 0) {
            LockSupport.parkNanos(this, left);
            return fired;
        }
        expired.run();
        return deadline;
    }

    void stop(Thread thread) {
        running = false;
        LockSupport.unpark(thread);
    }
}
