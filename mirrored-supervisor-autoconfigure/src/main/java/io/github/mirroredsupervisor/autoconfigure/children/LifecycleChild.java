package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.autoconfigure.children.OwnedLifecycles.Ownership;
import io.github.mirroredsupervisor.internal.platform.Failures;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;

/**
 * A Spring {@link Lifecycle} as a child: the run starts it, and stops it when the run is told to stop. If it stops by
 * itself the run ends normally, except while the context closes: then the context has stopped it, and it must not be
 * restarted.
 */
final class LifecycleChild implements ChildProcess {

    private static final Logger log = LoggerFactory.getLogger(LifecycleChild.class);

    private static final Duration POLL = Duration.ofMillis(250);

    private final Lifecycle lifecycle;

    private final BooleanSupplier contextIsClosing;

    private final Ownership ownership;

    LifecycleChild(Lifecycle lifecycle, BooleanSupplier contextIsClosing, Ownership ownership) {
        this.lifecycle = lifecycle;
        this.contextIsClosing = contextIsClosing;
        this.ownership = ownership;
    }

    @Override
    public void init(ChildContext context) {
        if (lifecycle.isRunning()) {
            throw new IllegalStateException("it runs already: something other than its supervisor started it");
        }
        boolean started = false;
        ownership.begin();
        try {
            lifecycle.start();
            started = true;
        } finally {
            if (!started) {
                abort();
            }
        }
    }

    /**
     * Stops it regardless of isRunning(): some of its parts may already run, and stopping a part that does not run is
     * allowed.
     */
    private void abort() {
        try {
            lifecycle.stop();
        } catch (RuntimeException ex) {
            log.warn("{} did not start, and its stop failed", lifecycle, Failures.printable(ex));
        } finally {
            ownership.end();
        }
    }

    @Override
    public void run(ChildContext context) throws InterruptedException {
        try {
            while (!context.isStopping() && (lifecycle.isRunning() || contextIsClosing.getAsBoolean())) {
                context.sleep(POLL);
            }
        } finally {
            try {
                stop();
            } finally {
                ownership.end();
            }
        }
    }

    private void stop() throws InterruptedException {
        // The interrupt that told this thread to stop would make waits inside stop() fail.
        boolean interrupted = Thread.interrupted();
        try {
            if (lifecycle instanceof SmartLifecycle smart) {
                CountDownLatch stopped = new CountDownLatch(1);
                smart.stop(stopped::countDown);
                stopped.await();
            } else if (lifecycle.isRunning()) {
                lifecycle.stop();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
