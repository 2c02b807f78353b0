package io.github.mirroredsupervisor.internal.platform;

import io.github.mirroredsupervisor.PeerId;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;

/**
 * What a peer runs on besides the threads of its children: the threads, the clock and the chance of this JVM. All of a
 * peer's waiting goes through here, so that it can be played by one thread in a time of its own.
 */
public interface Platform extends Loops {

    /**
     * One thread for tasks that may wait, which carries them out one after the other.
     *
     * @param last done once after the last task, when the executor has been shut down; what was scheduled for later is
     *     dropped then
     */
    ScheduledExecutorService worker(String name, Runnable last);

    /**
     * One thread for tasks that do not wait, carried out in order.
     *
     * @param capacity how many may wait; more are refused
     */
    ExecutorService messenger(String name, int capacity);

    /** Does something short after a while, also while every other thread waits. */
    void after(Duration delay, Runnable task);

    /** Waits on the calling thread, as {@link Future#get()} does. */
    <T> T await(Future<T> future) throws InterruptedException, ExecutionException;

    /** Waits on the calling thread, as {@link Future#get(long, java.util.concurrent.TimeUnit)} does. */
    <T> T await(Future<T> future, Duration limit) throws InterruptedException, ExecutionException, TimeoutException;

    /** Waits until it is done. Returns false if that took longer than the limit, or the caller was interrupted. */
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
