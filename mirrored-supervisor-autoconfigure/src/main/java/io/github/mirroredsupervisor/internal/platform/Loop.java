package io.github.mirroredsupervisor.internal.platform;

/** A thread that takes one step after the other. Thread-safe; no method waits. */
public interface Loop extends AutoCloseable {

    void start();

    /** Takes another step soon, because there is new work. If a step is under way, another one follows it. */
    void wake();

    /** Takes no more steps after the current one. */
    @Override
    void close();
}
