package io.github.mirroredsupervisor.internal.platform;

import java.util.function.LongSupplier;

/** The monotonic clock of this process, and its loops, which run step by step. Thread-safe. */
public interface Loops {

    /** Monotonic time in nanoseconds, for every decision; compared by subtraction only. */
    long nanoTime();

    /**
     * Creates a loop without starting it.
     *
     * @param name of its thread
     * @param step does the pending work, and returns how many nanoseconds to pause before the next step unless the loop
     *     is woken
     * @param last runs once, after the last step
     */
    Loop create(String name, LongSupplier step, Runnable last);

    /** Runs its steps one after the other. Thread-safe; no method waits. */
    interface Loop extends AutoCloseable {

        void start();

        /** Runs another step soon, because there is new work. If a step is running, another one follows it. */
        void wake();

        /** Runs no more steps after the current one. */
        @Override
        void close();
    }
}
