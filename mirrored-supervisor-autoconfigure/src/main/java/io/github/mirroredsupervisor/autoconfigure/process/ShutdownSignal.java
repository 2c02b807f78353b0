package io.github.mirroredsupervisor.autoconfigure.process;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a step of the start when the JVM is told to end meanwhile. A context that is still starting is closed only when
 * its start is over, so nobody else would. The thread that opened it is interrupted; then, at the latest, the step is
 * to be given up.
 */
public final class ShutdownSignal implements AutoCloseable {

    private final Thread hook;
    private final CountDownLatch told;

    private ShutdownSignal(Thread hook, CountDownLatch told) {
        this.hook = hook;
        this.told = told;
    }

    /**
     * For the calling thread.
     *
     * @param undo what the end of the JVM waits for; bounded
     * @throws SupervisorStartException if the JVM is ending already
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
     * Lets time pass before the next try.
     *
     * @throws SupervisorStartException if the JVM is told to end meanwhile, or the thread is interrupted
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
            // It runs, or has run.
        }
    }
}
