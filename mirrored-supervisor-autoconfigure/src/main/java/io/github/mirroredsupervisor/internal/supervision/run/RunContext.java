package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.FencedWork;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.StaleOwnerException;
import io.github.mirroredsupervisor.internal.platform.Failures;
import io.github.mirroredsupervisor.internal.platform.Nanos;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The interface between a run and its supervisor. It also carries the stop signal. */
final class RunContext implements ChildContext, FencedRun {

    private static final Logger log = LoggerFactory.getLogger(RunContext.class);

    private final ChildSpec spec;
    private final long token;
    private final RunEnvironment environment;
    private final Consumer<Event> events;
    private final ChildRef ref;
    private final AtomicReference<@Nullable StopReason> told = new AtomicReference<>();

    /** Open when the run was told to end and its thread has been interrupted, or when the run is over. */
    private final CountDownLatch wake = new CountDownLatch(1);

    /** Interrupts that came with the stop and were not yet swallowed by a sleep. */
    private final AtomicInteger interrupts = new AtomicInteger();

    /** Closes the registered resources if the run does not end in time. */
    private final ForcedStop forcedStop;

    private volatile long lastProgress;
    private volatile @Nullable Thread thread;
    private volatile boolean over;

    RunContext(ChildSpec spec, long token, RunEnvironment environment, Consumer<Event> events) {
        this.spec = spec;
        this.token = token;
        this.environment = environment;
        this.forcedStop = new ForcedStop(spec.id());
        this.lastProgress = environment.nanoTime();
        this.events = events;
        // Created now and not on first use: a later incarnation of the peer does not own what this one was granted.
        this.ref = new ChildRef(environment.group(), spec.id(), token, environment.owner());
    }

    // --- the supervisor's side

    /** Called before the thread is started. */
    void bind(Thread own) {
        thread = own;
    }

    @Nullable
    Thread thread() {
        return thread;
    }

    /** Tells the run to end. From any thread, without locks of ours. The first reason stays. */
    void tell(StopReason reason) {
        if (told.compareAndSet(null, reason)) {
            interrupt();
            wake.countDown();
        }
    }

    /** Sets the stop reason without interrupting or waking the run: {@link #rouse} must follow. */
    void flag(StopReason reason) {
        told.compareAndSet(null, reason);
    }

    /**
     * Interrupts and wakes a flagged run. In this order: otherwise a sleep could end and the interrupt would hit the
     * child's next call.
     */
    void rouse() {
        interrupt();
        wake.countDown();
    }

    /**
     * Marks the run as told to end. Called by the run's own thread before any application code, so there is nothing to
     * interrupt.
     */
    void decline(StopReason reason) {
        told.compareAndSet(null, reason);
        wake.countDown();
    }

    void interrupt() {
        Thread own = thread;
        if (own != null && !over) {
            interrupts.incrementAndGet();
            own.interrupt();
        }
    }

    void closeResources() {
        forcedStop.begin();
    }

    long lastProgress() {
        return lastProgress;
    }

    @Nullable
    StopReason told() {
        return told.get();
    }

    /** Tells the run to end, then reports it to the supervisor. */
    private void tellItself(StopReason reason) {
        tell(reason);
        events.accept(new Event.Told(spec.id(), token, reason));
    }

    /** After the end of the run this context permits nothing, and its methods do not wait. */
    void end() {
        over = true;
        wake.countDown();
    }

    // --- the child's side

    @Override
    public String group() {
        return environment.group();
    }

    @Override
    public String childId() {
        return spec.id();
    }

    @Override
    public long fencingToken() {
        return token;
    }

    @Override
    public <T> T arguments(Class<T> type) {
        return environment.convert(spec.arguments(), type);
    }

    @Override
    public boolean isStopping() {
        return told.get() != null || over;
    }

    @Override
    public boolean mayRun() {
        return !isStopping() && environment.permits(spec);
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        boolean interrupted = false;
        if (!isStopping()) {
            try {
                wake.await(Nanos.of(duration), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                if (!isStopping()) {
                    throw e;
                }
                interrupted = true;
            }
        }
        if (isStopping() && (awaitInterrupt() || interrupted) && !swallow()) {
            throw new InterruptedException("interrupted while stopping, not by the supervisor");
        }
    }

    @Override
    public void progress() {
        lastProgress = environment.nanoTime();
    }

    @Override
    public void onForcedStop(AutoCloseable resource) {
        forcedStop.register(resource);
    }

    @Override
    public <T extends @Nullable Object> T inFencedTransaction(FencedWork<T> work) {
        try {
            return fenced(work);
        } catch (RuntimeException failure) {
            throw failure;
        } catch (Exception checked) {
            throw new UndeclaredThrowableException(
                    checked, "The work of a fenced transaction failed: " + Failures.text(checked));
        }
    }

    /** Like {@link #inFencedTransaction}, but does not wrap what the work throws. */
    <T extends @Nullable Object> T fenced(FencedWork<T> work) throws Exception {
        refuseIfLost();
        RunContext before = CurrentRun.replace(this);
        try {
            return environment.fence().inTransaction(this, work);
        } finally {
            CurrentRun.replace(before);
        }
    }

    /**
     * Refuses without asking the database if this process already knows that the run is stale. A run that was told to
     * end for another reason owns its token until its stop is confirmed, and may finish what it has begun.
     */
    private void refuseIfLost() {
        StopReason reason = told.get();
        if (over) {
            throw stale("it has ended");
        }
        if (reason == StopReason.NOT_OWNED || reason == StopReason.PERMISSION_LOST) {
            throw stale("it was told to stop (" + reason + ")");
        }
        if (!environment.permits(spec)) {
            tellItself(StopReason.PERMISSION_LOST);
            throw stale("the lease of its peer has run out");
        }
    }

    private StaleOwnerException stale(String why) {
        return new StaleOwnerException("Run " + token + " of child '" + spec.id() + "' of group '" + group()
                + "' may not write any more: " + why + ". No transaction was begun.");
    }

    @Override
    public ChildRef ref() {
        return ref;
    }

    @Override
    public void foundStale() {
        log.warn(
                "Child '{}' was refused a transaction: its run {} is not the present one any more, and is told to stop",
                spec.id(),
                token);
        tellItself(StopReason.NOT_OWNED);
    }

    @Override
    public MirroredSupervisor supervisor() {
        return environment.supervisor();
    }

    /**
     * Waits for the interrupt of the stop. A sleep that returned before it would leave the interrupt to the child's
     * next call.
     */
    private boolean awaitInterrupt() {
        boolean interrupted = false;
        while (true) {
            try {
                wake.await();
                return Thread.interrupted() || interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private boolean swallow() {
        return Thread.currentThread() == thread && interrupts.getAndSet(0) > 0;
    }
}
