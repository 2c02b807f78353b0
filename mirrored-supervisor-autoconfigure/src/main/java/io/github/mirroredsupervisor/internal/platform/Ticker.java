package io.github.mirroredsupervisor.internal.platform;

/** A monotonic clock, for every decision. Thread-safe. */
public interface Ticker {

    /** Monotonic time in nanoseconds; compared by subtraction only. */
    long nanoTime();
}
