package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.internal.store.StoreWorker;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes things over to the work thread in the order in which they happened, as many at a time as have gathered.
 * Thread-safe, save where a method says otherwise.
 */
final class Gathering {

    private static final Logger log = LoggerFactory.getLogger(Gathering.class);

    private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean atOnce = new AtomicBoolean();
    private final AtomicBoolean soon = new AtomicBoolean();
    private final StoreWorker work;
    private final Consumer<WorkSession> drain;

    /**
     * Empty.
     *
     * @param drain calls {@link #take} and writes what came of it
     */
    Gathering(StoreWorker work, Consumer<WorkSession> drain) {
        this.work = work;
        this.drain = drain;
    }

    void atOnce(Runnable step) {
        queue.add(step);
        if (atOnce.compareAndSet(false, true)) {
            work.submit(drain);
        }
    }

    /** Lets others gather for that long. */
    void soon(Runnable step, Duration delay) {
        queue.add(step);
        if (!atOnce.get() && soon.compareAndSet(false, true)) {
            work.schedule(drain, delay);
        }
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** On the work thread: runs what has gathered. */
    void take() {
        atOnce.set(false);
        soon.set(false);
        for (Runnable next = queue.poll(); next != null; next = queue.poll()) {
            try {
                next.run();
            } catch (RuntimeException e) {
                log.error("A transition could not be taken over; the next reconciliation repairs it", e);
            }
        }
    }
}
