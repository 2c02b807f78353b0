package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.supervision.Failures;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delivers events in order on a thread of their own, so that a listener can delay nothing but later events. Thread-safe. */
final class EventQueue implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EventQueue.class);

    /** Enough for the adoption of some thousand children while a listener is slow. */
    private static final int CAPACITY = 65_536;

    private final Consumer<SupervisorEvent> sink;
    private final Machine machine;
    private final ExecutorService executor;
    private final AtomicBoolean dropping = new AtomicBoolean();

    EventQueue(Consumer<SupervisorEvent> sink, Machine machine) {
        this.sink = sink;
        this.machine = machine;
        this.executor = machine.messenger("mirrored-supervisor-events", CAPACITY);
    }

    void publish(SupervisorEvent event) {
        execute(() -> deliver(event));
    }

    /** Runs a task behind the events that were published before it. */
    void execute(Runnable task) {
        try {
            executor.execute(task);
            dropping.set(false);
        } catch (RejectedExecutionException e) {
            if (dropping.compareAndSet(false, true)) {
                log.warn("A listener of supervisor events is too slow, or the peer has stopped: events are dropped");
            }
        }
    }

    private void deliver(SupervisorEvent event) {
        try {
            sink.accept(event);
        } catch (Throwable e) {
            log.error("A listener failed on {}", event, Failures.printable(e));
        }
    }

    /** Waits until everything that was published before is delivered, or the time is over. */
    void awaitDelivered(Duration limit) {
        CompletableFuture<Boolean> delivered = new CompletableFuture<>();
        execute(() -> delivered.complete(true));
        if (!machine.awaitDone(delivered, limit)) {
            log.debug("A listener is slow; the last events come later, or not at all");
        }
    }

    /** Delivers what was published and takes no more. Does not wait. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
