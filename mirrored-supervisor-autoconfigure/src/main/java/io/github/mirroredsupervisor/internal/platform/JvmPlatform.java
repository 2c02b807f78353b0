package io.github.mirroredsupervisor.internal.platform;

import io.github.mirroredsupervisor.PeerId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The threads, the clock and the random ids of this JVM. */
public final class JvmPlatform extends ThreadLoops implements Platform {

    @Override
    public ScheduledExecutorService worker(String name, Runnable last) {
        return new Worker(name, last);
    }

    @Override
    public ExecutorService messenger(String name, int capacity) {
        return new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(capacity), Threads.daemon(name));
    }

    @Override
    public void after(Duration delay, Runnable task) {
        CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(task);
    }

    @Override
    public <T> T await(Future<T> future) throws InterruptedException, ExecutionException {
        return future.get();
    }

    @Override
    public <T> T await(Future<T> future, Duration limit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void halt(int status) {
        Runtime.getRuntime().halt(status);
    }

    @Override
    public PeerId newId() {
        return PeerId.random();
    }

    private static final class Worker extends ScheduledThreadPoolExecutor {

        private final Runnable last;

        private Worker(String name, Runnable last) {
            super(1, Threads.daemon(name));
            this.last = last;
            setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }

        @Override
        protected void terminated() {
            last.run();
        }
    }
}
