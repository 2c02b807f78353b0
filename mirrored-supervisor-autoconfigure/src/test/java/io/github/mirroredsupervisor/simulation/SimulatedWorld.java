package io.github.mirroredsupervisor.simulation;

import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Time and chance of a simulation, on one thread. A wait runs everything else until its condition holds, so the first
 * to wait is sometimes the last to wake up. That is allowed: a thread may be late for any reason, and no promise
 * depends on punctual threads.
 */
final class SimulatedWorld {

    /** More steps than any schedule needs: beyond it, the schedule loops. */
    private static final int MOST_EVENTS = 500_000;

    final SplittableRandom random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long made;
    private int done;
    private long restoredAt = Long.MIN_VALUE / 2;

    private record Event(long at, long number, @Nullable SimulatedProcess process, Runnable task)
            implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    SimulatedWorld(long seed) {
        this.random = new SplittableRandom(seed);
    }

    long now() {
        return now;
    }

    /** When the database was last restored. */
    long restoredAt() {
        return restoredAt;
    }

    void restored() {
        restoredAt = now;
    }

    int events() {
        return done;
    }

    /**
     * Runs a task of a process at a time. If the process is paused then, the task runs when it resumes; if it is dead,
     * never.
     */
    void at(long time, @Nullable SimulatedProcess process, Runnable task) {
        events.add(new Event(Math.max(time, now), made++, process, task));
    }

    /** Lets time pass until the condition holds or the given time has come. */
    void runUntil(BooleanSupplier condition, long limit) {
        while (!condition.getAsBoolean()) {
            Event next = events.peek();
            if (next == null || next.at() > limit) {
                now = Math.max(now, limit);
                return;
            }
            events.poll();
            now = Math.max(now, next.at());
            if (++done > MOST_EVENTS) {
                throw new IllegalStateException("no end of events");
            }
            take(next);
        }
    }

    private void take(Event event) {
        SimulatedProcess process = event.process();
        if (process == null) {
            event.task().run();
        } else if (process.isPaused()) {
            process.whenResumed(event.task());
        } else if (process.isAlive()) {
            try {
                event.task().run();
            } catch (SimulatedProcess.Killed gone) {
                // ends all threads of the process
            }
        }
    }

    /** A number from zero, below the bound. */
    long upTo(long bound) {
        return bound <= 0 ? 0 : (long) (random.nextDouble() * bound);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }
}
