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
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** The threads, the clock and the random ids of this JVM. Loops run on daemon threads. */
public final class JvmPlatform implements Platform {

    /** The pause before the next step after a step failed. */
    private static final long AFTER_FAILURE_NANOS = 50_000_000;

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Loop create(String name, LongSupplier step, Runnable last) {
        return new ThreadLoop(name, step, last);
    }

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

    private static final class ThreadLoop implements Loop, Runnable {

        private final Thread thread;
        private final LongSupplier step;
        private final Runnable last;

        private volatile boolean running = true;
        private volatile boolean woken;

        private ThreadLoop(String name, LongSupplier step, Runnable last) {
            this.step = step;
            this.last = last;
            this.thread = new Thread(this, name);
            thread.setDaemon(true);
        }

        @Override
        public void start() {
            thread.start();
        }

        @Override
        public void wake() {
            woken = true;
            LockSupport.unpark(thread);
        }

        @Override
        public void close() {
            running = false;
            LockSupport.unpark(thread);
        }

        @Override
        public void run() {
            while (running) {
                woken = false;
                pause(takeStep());
            }
            last.run();
        }

        /** No failure ends the thread: the components that rely on its steps would not notice. */
        private long takeStep() {
            try {
                return step.getAsLong();
            } catch (Throwable unexpected) {
                return AFTER_FAILURE_NANOS;
            }
        }

        private void pause(long nanos) {
            long start = System.nanoTime();
            for (long left = nanos; running && !woken && left > 0; left = nanos - (System.nanoTime() - start)) {
                LockSupport.parkNanos(this, Math.min(left, TimeUnit.HOURS.toNanos(1)));
                Thread.interrupted();
            }
        }
    }
}
