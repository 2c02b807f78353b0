package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.platform.Loop;
import io.github.mirroredsupervisor.internal.platform.Platform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A process of a simulation: its clock has its own rate, and it may be paused or killed. */
final class SimulatedProcess implements Platform {

    /** Thrown by calls in a process that was killed. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }

    private final SimulatedWorld world;
    private final double rate;
    private final long origin;
    private final List<Runnable> deferred = new ArrayList<>();
    private final List<SimulatedLoop> listeners = new ArrayList<>();
    private boolean alive = true;
    private boolean paused;
    private long resumedAt = Long.MIN_VALUE / 2;

    /** When it first asked over the work line since the database was last restored; null if it did not. */
    private @Nullable Long askedFirst;

    /** The first answer over the work line since the database was last restored; null if there was none. */
    private @Nullable Long answeredFirst;

    /**
     * Creates a live process.
     *
     * @param rate how fast its clock runs
     */
    SimulatedProcess(SimulatedWorld world, double rate) {
        this.world = world;
        this.rate = rate;
        this.origin = world.random.nextInt() * 1_000_000L;
    }

    boolean isAlive() {
        return alive;
    }

    boolean isPaused() {
        return alive && paused;
    }

    void kill() {
        alive = false;
        deferred.clear();
    }

    void pause() {
        paused = true;
    }

    void resume() {
        if (isPaused()) {
            paused = false;
            resumedAt = world.now();
            deferred.forEach(task -> world.at(world.now(), this, task));
            deferred.clear();
        }
    }

    /** Whether it stood still a moment ago, and so could not do what was due then. */
    boolean hasJustResumed(Duration moment) {
        return world.now() - resumedAt <= moment.toNanos();
    }

    /** It asks over the work line. */
    void asks() {
        askedFirst = sinceRestore(askedFirst) ? askedFirst : (Long) world.now();
    }

    /** It got an answer over the work line. */
    void answered() {
        answeredFirst = sinceRestore(answeredFirst) ? answeredFirst : (Long) world.now();
    }

    /**
     * Whether it has asked over the work line since the restore, and in vain, or had to wait and was answered so
     * recently that it had no time to compare its rows.
     */
    boolean isBlind(Duration moment) {
        Long asked = askedFirst;
        if (asked == null || !sinceRestore(asked)) {
            return false;
        }
        Long answered = answeredFirst;
        return answered == null
                || !sinceRestore(answered)
                || (answered > asked && world.now() - answered <= moment.toNanos());
    }

    private boolean sinceRestore(@Nullable Long time) {
        return time != null && time >= world.restoredAt();
    }

    void whenResumed(Runnable task) {
        deferred.add(task);
    }

    /** Wakes the loops that listen, because there is something to read. */
    void hinted() {
        listeners.forEach(Loop::wake);
    }

    /** Waits on one of its threads; the others continue. */
    void pass(long nanos) {
        world.runUntil(() -> !alive, world.now() + nanos);
        world.runUntil(() -> !isPaused(), Long.MAX_VALUE / 2);
        check();
    }

    void check() {
        if (!alive) {
            throw new Killed();
        }
    }

    void later(long nanos, Runnable task) {
        // Rounded up. Otherwise this would wake up just before the time of this clock, again and again.
        world.at(world.now() + (nanos <= 0 ? 0 : (long) (nanos / rate) + 1), this, task);
    }

    @Override
    public long nanoTime() {
        return origin + (long) (world.now() * rate);
    }

    @Override
    public Loop create(String name, LongSupplier step, Runnable last) {
        boolean listens = name.endsWith("listen") || name.endsWith("watch");
        SimulatedLoop loop = new SimulatedLoop(this, step, last, listens);
        if (listens) {
            listeners.add(loop);
        }
        return loop;
    }

    @Override
    public ScheduledExecutorService worker(String name, Runnable last) {
        return new SimulatedWorker(this, last);
    }

    @Override
    public ExecutorService messenger(String name, int capacity) {
        return new SimulatedWorker(this, () -> {});
    }

    @Override
    public void after(Duration delay, Runnable task) {
        later(delay.toNanos(), task);
    }

    @Override
    public <T> T await(Future<T> future) throws InterruptedException, ExecutionException {
        world.runUntil(() -> !alive || (future.isDone() && !paused), Long.MAX_VALUE / 2);
        check();
        return future.get();
    }

    @Override
    public <T> T await(Future<T> future, Duration limit)
            throws InterruptedException, ExecutionException, TimeoutException {
        long end = world.now() + (long) (limit.toNanos() / rate);
        world.runUntil(() -> !alive || (future.isDone() && !paused), end);
        world.runUntil(() -> !isPaused(), Long.MAX_VALUE / 2);
        check();
        if (!future.isDone()) {
            throw new TimeoutException();
        }
        return future.get();
    }

    @Override
    public void halt(int status) {
        kill();
        throw new Killed();
    }

    @Override
    public PeerId newId() {
        return new PeerId(new UUID(world.random.nextLong(), world.random.nextLong()));
    }
}
