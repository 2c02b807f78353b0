package io.github.mirroredsupervisor.internal.context;

import io.github.mirroredsupervisor.internal.platform.Ticker;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** The timers of a group's loop. Confined to that loop, except for the time. */
public final class Timers {

    private final Ticker ticker;
    private final Confinement confinement;
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(Timer.EARLIEST_FIRST);
    private long made;

    public Timers(Ticker ticker, Confinement confinement) {
        this.ticker = ticker;
        this.confinement = confinement;
    }

    public long now() {
        return ticker.nanoTime();
    }

    public void after(Duration delay, Runnable task) {
        assert confinement.holds();
        timers.add(new Timer(now() + Math.max(0, delay.toNanos()), made++, task));
    }

    /** Has the loop take a step then; each step looks for what is due. */
    public void wakeAfter(Duration delay) {
        after(delay, () -> {});
    }

    /** Runs the due timers, but not those that they add. */
    public void runDue() {
        long now = now();
        long before = made;
        while (!timers.isEmpty()
                && timers.peek().at() - now <= 0
                && timers.peek().number() < before) {
            timers.remove().task().run();
        }
    }

    /** The nanoseconds until the next timer is due. */
    public long untilNext() {
        return timers.isEmpty() ? Long.MAX_VALUE : Math.max(0, timers.peek().at() - now());
    }

    private record Timer(long at, long number, Runnable task) {

        // By subtraction: monotonic time may wrap around.
        static final Comparator<Timer> EARLIEST_FIRST =
                ((Comparator<Timer>) (a, b) -> Long.signum(a.at - b.at)).thenComparingLong(Timer::number);
    }
}
