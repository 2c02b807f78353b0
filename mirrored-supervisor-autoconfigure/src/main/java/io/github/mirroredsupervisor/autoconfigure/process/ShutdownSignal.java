package io.github.mirroredsupervisor.autoconfigure.process;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a step of the start if the JVM shuts down during it. A context that is still starting is closed only after its
 * start is over, so nothing else would end the step. The signal interrupts the thread that opened it, and that thread
 * must then give up the step.
 */
public final class ShutdownSignal implements AutoCloseable {

    private final Thread hook;
    private final CountDownLatch told;

    private ShutdownSignal(Thread hook, CountDownLatch told) {
        this.hook = hook;
        this.told = told;
    }

    /**
     * Opens a signal for the calling thread.
     *
     * @param undo runs during the shutdown of the JVM, which waits for it; must be bounded
     * @throws SupervisorStartException if the JVM is already shutting down
     */
    public static ShutdownSignal open(Runnable undo) {
        Thread starting = Thread.currentThread();
        CountDownLatch told = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    told.countDown();
                    starting.interrupt();
                    undo.run();
                },
                "mirrored-supervisor-shutdown");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException ex) {
            throw stopped(ex);
        }
        return new ShutdownSignal(hook, told);
    }

    /**
     * Waits before the next attempt.
     *
     * @throws SupervisorStartException if the JVM shuts down in the meantime, or the thread is interrupted
     */
    public void pause(Duration duration) {
        try {
            if (told.await(duration.toMillis(), TimeUnit.MILLISECONDS)) {
                throw stopped(null);
            }
        } catch (InterruptedException ex) {
            throw stopped(ex);
        }
    }

    public static SupervisorStartException stopped(@Nullable Throwable cause) {
        return new SupervisorStartException(
                Problem.STOPPED,
                "The application was told to stop while the mirrored supervisor was starting.",
                "Nothing needs to be done: what had been started was stopped again.",
                cause);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ex) {
            // The hook is running or has run.
        }
    }
}
