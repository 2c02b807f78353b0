package io.github.mirroredsupervisor.sample.benchmark.contender;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** A thread for each child, for systems that only say when ownership begins and ends. */
public final class Crew {

    private final Work work;

    /** Guarded by this. */
    private final List<Thread> threads = new ArrayList<>();

    /** Whether the present threads may act. Guarded by this. */
    private AtomicBoolean on = new AtomicBoolean();

    public Crew(Work work) {
        this.work = work;
    }

    /** Starts the children; does nothing if they run. */
    public synchronized void begin(BooleanSupplier owns) {
        if (on.get()) {
            return;
        }
        AtomicBoolean mine = new AtomicBoolean(true);
        on = mine;
        for (String child : work.children()) {
            Thread thread = new Thread(() -> work.run(child, () -> mine.get() && owns.getAsBoolean()), child);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    /** Stops the children, and returns when they have ended. */
    public synchronized void end() {
        on.set(false);
        for (Thread thread : threads) {
            thread.interrupt();
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.clear();
    }
}
