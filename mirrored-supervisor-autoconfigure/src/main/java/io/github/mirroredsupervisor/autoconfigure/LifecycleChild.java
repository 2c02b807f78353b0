package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;

/**
 * A Spring {@link Lifecycle} as a child: started by the run, stopped when the run is told to end. When it stops by itself the run ends
 * normally, except while the context closes: then the context has stopped it, and starting it again would be wrong.
 */
final class LifecycleChild implements ChildProcess {

    private static final Duration POLL = Duration.ofMillis(250);

    private final Lifecycle lifecycle;

    private final BooleanSupplier contextIsClosing;

    LifecycleChild(Lifecycle lifecycle, BooleanSupplier contextIsClosing) {
        this.lifecycle = lifecycle;
        this.contextIsClosing = contextIsClosing;
    }

    @Override
    public void init(ChildContext context) {
        if (lifecycle.isRunning()) {
            throw new IllegalStateException("it runs already: something other than its supervisor started it");
        }
        boolean started = false;
        try {
            lifecycle.start();
            started = true;
        } finally {
            if (!started && lifecycle.isRunning()) {
                lifecycle.stop();
            }
        }
    }

    @Override
    public void run(ChildContext context) throws InterruptedException {
        try {
            while (!context.isStopping() && (lifecycle.isRunning() || contextIsClosing.getAsBoolean())) {
                context.sleep(POLL);
            }
        } finally {
            stop();
        }
    }

    private void stop() throws InterruptedException {
        // The interrupt that told this thread to end would fail the stop's own waiting.
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
