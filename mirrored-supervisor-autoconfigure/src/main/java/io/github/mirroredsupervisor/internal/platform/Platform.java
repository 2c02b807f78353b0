package io.github.mirroredsupervisor.internal.platform;

import io.github.mirroredsupervisor.PeerId;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * The threads, clock and random ids that a peer uses, except the threads of its children. A peer waits only through
 * this interface, so that a simulation can run it on one thread in simulated time.
 */
public interface Platform extends Ticker {

    /**
     * Creates a loop without starting it.
     *
     * @param name of its thread
     * @param step does the pending work, and returns how many nanoseconds to pause before the next step unless the loop
     *     is woken
     * @param last runs once, after the last step
     */
    Loop create(String name, LongSupplier step, Runnable last);

    /**
     * Creates one thread for tasks that may wait. It runs them one after the other.
     *
     * @param last runs once after the last task, when the executor has been shut down; delayed tasks are dropped at
     *     shutdown
     */
    ScheduledExecutorService worker(String name, Runnable last);

    /**
     * Creates one thread for tasks that do not wait. It runs them in order.
     *
     * @param capacity how many tasks may be queued; further ones are refused
     */
    ExecutorService messenger(String name, int capacity);

    /** Runs a short task after a delay, even while every other thread waits. */
    void after(Duration delay, Runnable task);

    /** Waits on the calling thread, as {@link Future#get()} does. */
    <T> T await(Future<T> future) throws InterruptedException, ExecutionException;

    /** Waits on the calling thread, as {@link Future#get(long, java.util.concurrent.TimeUnit)} does. */
    <T> T await(Future<T> future, Duration limit) throws InterruptedException, ExecutionException, TimeoutException;

    /** Waits for the future. Returns false if it failed, took longer than the limit, or the caller was interrupted. */
    default boolean awaitDone(Future<?> future, Duration limit) {
        try {
            await(future, limit);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends the process at once, without shutdown hooks. */
    void halt(int status);

    /** An id that no other incarnation of any peer has. */
    PeerId newId();
}
