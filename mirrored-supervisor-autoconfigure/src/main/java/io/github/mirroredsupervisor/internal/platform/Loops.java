package io.github.mirroredsupervisor.internal.platform;

import java.util.function.LongSupplier;

/** The monotonic clock and the loops of this process: what runs by itself, step by step. Thread-safe. */
public interface Loops {

    /** Monotonic time in nanoseconds, for every decision; compared by subtraction only. */
    long nanoTime();

    /**
     * A loop that is not started yet.
     *
     * @param name of its thread
     * @param step does what there is to do, and returns for how many nanoseconds there will be no more of it unless the
     *     loop is woken
     * @param last done once, after the last step
     */
    Loop create(String name, LongSupplier step, Runnable last);

    /** Takes its steps one after the other. Thread-safe; no method waits. */
    interface Loop extends AutoCloseable {

        void start();

        /** Takes another step soon: something has come up. One that is under way is followed by another. */
        void wake();

        /** Takes no more steps. */
        @Override
        void close();
    }
}
