package io.github.mirroredsupervisor.internal.platform;

import io.github.mirroredsupervisor.SupervisorEvent;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs application code in order on a separate thread, so that slow code delays only the tasks queued behind it.
 * Thread-safe.
 */
public final class EventPublisher implements Executor, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EventPublisher.class);

    /** Enough for the adoption of several thousand children while a listener is slow. */
    private static final int CAPACITY = 65_536;

    /** Several minutes of renewals. */
    private static final int MEASUREMENTS = 1_000;

    private final String dropped;
    private final @Nullable PeerMonitor monitor;
    private final Platform machine;
    private final @Nullable ExecutorService executor;
    private final AtomicBoolean dropping = new AtomicBoolean();

    /** For events, and for log lines of threads that must not wait for an appender. */
    public EventPublisher(PeerMonitor monitor, Platform machine) {
        this(monitor, machine, machine.messenger("mirrored-supervisor-events", CAPACITY), "events");
    }

    private EventPublisher(
            @Nullable PeerMonitor monitor, Platform machine, @Nullable ExecutorService executor, String dropped) {
        this.monitor = monitor;
        this.machine = machine;
        this.executor = executor;
        this.dropped = dropped;
    }

    /**
     * For the measurements of each renewal. A hanging listener does not delay them, and a hanging meter registry does
     * not delay listeners.
     */
    public static EventPublisher forMeasurements(Platform machine) {
        ExecutorService executor = machine.messenger("mirrored-supervisor-meters", MEASUREMENTS);
        return new EventPublisher(null, machine, executor, "measurements");
    }

    /** Publishes nothing, and runs no tasks. */
    public static EventPublisher unheard(Platform machine) {
        return new EventPublisher(null, machine, null, "events");
    }

    public void publish(SupervisorEvent event) {
        PeerMonitor receiver = monitor;
        if (receiver != null) {
            execute(() -> deliver(event, receiver));
        }
    }

    /** Runs a task behind the events that were published before it. */
    @Override
    public void execute(Runnable task) {
        if (executor == null) {
            return;
        }
        try {
            executor.execute(() -> carryOut(task));
        } catch (RejectedExecutionException e) {
            if (!executor.isShutdown() && dropping.compareAndSet(false, true)) {
                // On another thread, because the slow task may be logging itself.
                machine.after(
                        Duration.ZERO,
                        () -> log.warn(
                                "Code of the application that is told of supervisor {} is too slow: {} are dropped",
                                dropped,
                                dropped));
            }
        }
    }

    private static void carryOut(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            Threads.say(() -> log.error("A monitor failed", Failures.printable(e)));
        }
    }

    private static void deliver(SupervisorEvent event, PeerMonitor receiver) {
        try {
            receiver.event(event);
        } catch (Throwable e) {
            log.error("A listener failed on {}", event, Failures.printable(e));
        }
    }

    /** Waits until all earlier events are delivered, or the limit is reached. */
    public void awaitDelivered(Duration limit) {
        if (executor == null) {
            return;
        }
        CompletableFuture<Boolean> delivered = new CompletableFuture<>();
        execute(() -> delivered.complete(true));
        if (!machine.awaitDone(delivered, limit)) {
            log.debug("A listener is slow; the last events come later, or not at all");
        }
    }

    /** Delivers the events already published and accepts no more. Does not wait. */
    @Override
    public void close() {
        if (executor != null) {
            executor.shutdown();
        }
    }
}
