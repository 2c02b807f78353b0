package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.internal.platform.Failures;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The resources to close if a run does not end in time. Closing calls the application's code, so it has a separate
 * thread. Thread-safe.
 */
final class ForcedStop {

    private static final Logger log = LoggerFactory.getLogger(ForcedStop.class);

    private final String childId;

    /** Guarded by this; the last registered resource comes first. */
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();

    /** Guarded by this. */
    private boolean begun;

    ForcedStop(String childId) {
        this.childId = childId;
    }

    /** After {@link #begin} the resource is closed at once. */
    void register(AutoCloseable resource) {
        synchronized (this) {
            resources.push(resource);
        }
        if (hasBegun()) {
            closeAll();
        }
    }

    /** Closes the resources on another thread. Does not wait. */
    void begin() {
        synchronized (this) {
            begun = true;
            if (resources.isEmpty()) {
                return;
            }
        }
        Thread thread = new Thread(this::closeAll, "forced-stop-" + childId);
        thread.setDaemon(true);
        thread.start();
    }

    private synchronized boolean hasBegun() {
        return begun;
    }

    private void closeAll() {
        for (AutoCloseable next = poll(); next != null; next = poll()) {
            try {
                next.close();
            } catch (Throwable failure) {
                log.warn(
                        "Child '{}' does not end, and what it registered for that did not close",
                        childId,
                        Failures.printable(failure));
            }
        }
    }

    private synchronized @Nullable AutoCloseable poll() {
        return resources.poll();
    }
}
