package io.github.mirroredsupervisor.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** One thread of a {@link SimulatedProcess} that carries out tasks in order. */
final class SimulatedWorker extends AbstractExecutorService implements ScheduledExecutorService {

    private final SimulatedProcess process;
    private final Runnable last;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean busy;
    private boolean shutdown;
    private boolean over;

    SimulatedWorker(SimulatedProcess process, Runnable last) {
        this.process = process;
        this.last = last;
    }

    @Override
    public void execute(Runnable task) {
        if (shutdown) {
            throw new RejectedExecutionException();
        }
        tasks.add(task);
        pump();
    }

    private void pump() {
        if (!busy) {
            process.later(0, this::work);
        }
    }

    /** Runs one task at a time, so that a wait further down the stack is not delayed by all tasks. */
    private void work() {
        if (busy) {
            return;
        }
        Runnable next = tasks.poll();
        if (next != null) {
            busy = true;
            next.run();
            busy = false;
            pump();
        } else if (shutdown && !over) {
            over = true;
            last.run();
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        if (shutdown) {
            throw new RejectedExecutionException();
        }
        process.later(unit.toNanos(delay), () -> {
            if (!shutdown) {
                execute(task);
            }
        });
        return new Unwatched();
    }

    @Override
    public void shutdown() {
        shutdown = true;
        pump();
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown();
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return over;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return over;
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    /** The result of a scheduled task is never read. */
    private static final class Unwatched extends java.util.concurrent.FutureTask<Object>
            implements ScheduledFuture<Object> {

        private Unwatched() {
            super(() -> {}, "");
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(java.util.concurrent.Delayed other) {
            return 0;
        }
    }
}
