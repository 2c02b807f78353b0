package io.github.mirroredsupervisor.supervision;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisor;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What a run sees of its supervisor, and how it is told to end. */
final class RunContext implements ChildContext {

    private final ChildSpec spec;
    private final long token;
    private final RunEnvironment environment;
    private final AtomicReference<@Nullable StopReason> told = new AtomicReference<>();

    /** Open when the run was told and its thread has been interrupted, or when the run is over. */
    private final CountDownLatch wake = new CountDownLatch(1);

    /** Interrupts that came with the stop and were not swallowed by a sleep. */
    private final AtomicInteger interrupts = new AtomicInteger();

    /** To be closed if the run does not end in time. */
    private final ForcedStop forcedStop;

    private volatile long lastProgress;
    private volatile @Nullable Thread thread;
    private volatile boolean over;

    RunContext(ChildSpec spec, long token, RunEnvironment environment) {
        this.spec = spec;
        this.token = token;
        this.environment = environment;
        this.forcedStop = new ForcedStop(spec.id());
        this.lastProgress = environment.nanoTime();
    }

    // --- the supervisor's side

    /** Before the thread is started. */
    void bind(Thread own) {
        thread = own;
    }

    @Nullable
    Thread thread() {
        return thread;
    }

    /** From any thread, without locks of ours; the first reason stays. */
    void tell(StopReason reason) {
        if (told.compareAndSet(null, reason)) {
            interrupt();
            wake.countDown();
        }
    }

    /** Told, but not interrupted yet. */
    void flag(StopReason reason) {
        if (told.compareAndSet(null, reason)) {
            wake.countDown();
        }
    }

    /** As if told, by the run's own thread, before any of the application's code: there is nobody to interrupt. */
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

    /** A context that outlives its run permits nothing and makes nobody wait. */
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
    public MirroredSupervisor supervisor() {
        return environment.supervisor();
    }

    /** The stop's interrupt may still be on its way; a sleep that returned without it would leave it to the child's next call. */
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
