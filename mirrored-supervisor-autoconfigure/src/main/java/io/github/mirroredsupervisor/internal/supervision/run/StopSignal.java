package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.internal.platform.Nanos;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Tells one run to end, by a flag and an interrupt. Thread-safe. */
final class StopSignal {

    private final AtomicReference<@Nullable StopReason> told = new AtomicReference<>();

    /** Open when the run was told to end and its thread has been interrupted, or when the run is over. */
    private final CountDownLatch wake = new CountDownLatch(1);

    /** Interrupts that came with the stop and were not yet swallowed by a sleep. */
    private final AtomicInteger interrupts = new AtomicInteger();

    private volatile @Nullable Thread thread;
    private volatile boolean over;

    /** Called before the thread is started. */
    void bind(Thread own) {
        thread = own;
    }

    @Nullable
    Thread thread() {
        return thread;
    }

    /** Tells the run to end. From any thread, without locks of ours. The first reason stays. */
    void tell(StopReason reason) {
        if (told.compareAndSet(null, reason)) {
            interrupt();
            wake.countDown();
        }
    }

    /** Sets the stop reason without interrupting or waking the run: {@link #rouse} must follow. */
    void flag(StopReason reason) {
        told.compareAndSet(null, reason);
    }

    /**
     * Interrupts and wakes a flagged run. In this order: otherwise a sleep could end and the interrupt would hit the
     * child's next call.
     */
    void rouse() {
        interrupt();
        wake.countDown();
    }

    /**
     * Marks the run as told to end. Called by the run's own thread before any application code, so there is nothing to
     * interrupt.
     */
    void decline(StopReason reason) {
        told.compareAndSet(null, reason);
        wake.countDown();
    }

    void interrupt() {
        Thread own = thread;
        if (own != null && !over) {
            interrupts.incrementAndGet();
            own.interrupt();
        }
    }

    @Nullable
    StopReason told() {
        return told.get();
    }

    /** The run is over: from now on nothing is interrupted, and sleeps do not wait. */
    void end() {
        over = true;
        wake.countDown();
    }

    boolean isOver() {
        return over;
    }

    boolean isStopping() {
        return told.get() != null || over;
    }

    /** Ends early when the run is told to end, and then swallows the interrupt that came with it. */
    void sleep(Duration duration) throws InterruptedException {
        boolean interrupted = false;
        if (!isStopping()) {
            try {
                wake.await(Nanos.of(duration), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                if (!isStopping()) {
                    throw e;
                }
                interrupted = true;
            }
        }
        if (isStopping() && (awaitInterrupt() || interrupted) && !swallow()) {
            throw new InterruptedException("interrupted while stopping, not by the supervisor");
        }
    }

    /**
     * Waits for the interrupt of the stop. A sleep that returned before it would leave the interrupt to the child's
     * next call.
     */
    private boolean awaitInterrupt() {
        boolean interrupted = false;
        while (true) {
            try {
                wake.await();
                return Thread.interrupted() || interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private boolean swallow() {
        return Thread.currentThread() == thread && interrupts.getAndSet(0) > 0;
    }
}
