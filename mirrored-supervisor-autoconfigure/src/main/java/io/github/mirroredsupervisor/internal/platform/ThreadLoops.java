package io.github.mirroredsupervisor.internal.platform;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** The clock of this JVM, and a daemon thread for each loop. */
public class ThreadLoops implements Loops {

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
