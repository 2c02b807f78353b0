package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.FencedWork;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.StaleOwnerException;
import io.github.mirroredsupervisor.internal.platform.Failures;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a run can see and do while it runs. */
final class RunContext implements ChildContext {

    /** The run that the current thread works for. */
    private static final ThreadLocal<@Nullable RunContext> CURRENT = new ThreadLocal<>();

    private final ChildSpec spec;
    private final RunEnvironment environment;
    private final FencedRun run;

    /** Closes the registered resources if the run does not end in time. */
    private final ForcedStop forcedStop;

    private volatile long lastProgress;

    RunContext(ChildSpec spec, RunEnvironment environment, FencedRun run) {
        this.spec = spec;
        this.environment = environment;
        this.run = run;
        this.forcedStop = new ForcedStop(spec.id());
        this.lastProgress = environment.nanoTime();
    }

    /** The run that this thread works for; null if it works for none. */
    static @Nullable RunContext current() {
        return CURRENT.get();
    }

    /** Sets the run that this thread works for; null for no run. */
    static void setCurrent(@Nullable RunContext context) {
        if (context == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(context);
        }
    }

    void closeResources() {
        forcedStop.begin();
    }

    long lastProgress() {
        return lastProgress;
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
        return run.ref().fencingToken();
    }

    @Override
    public <T> T arguments(Class<T> type) {
        return environment.convert(spec.arguments(), type);
    }

    @Override
    public boolean isStopping() {
        return run.signal().isStopping();
    }

    @Override
    public boolean mayRun() {
        return !isStopping() && environment.permits(spec);
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        run.signal().sleep(duration);
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
        RunContext before = current();
        setCurrent(this);
        try {
            return environment.fence().inTransaction(run, work);
        } finally {
            setCurrent(before);
        }
    }

    /**
     * Refuses without asking the database if this process already knows that the run is stale. A run that was told to
     * end for another reason owns its token until its stop is confirmed, and may finish what it has begun.
     */
    private void refuseIfLost() {
        StopReason reason = run.signal().told();
        if (run.signal().isOver()) {
            throw stale("it has ended");
        }
        if (reason == StopReason.NOT_OWNED || reason == StopReason.PERMISSION_LOST) {
            throw stale("it was told to stop (" + reason + ")");
        }
        if (!environment.permits(spec)) {
            run.end(StopReason.PERMISSION_LOST);
            throw stale("the lease of its peer has run out");
        }
    }

    private StaleOwnerException stale(String why) {
        return new StaleOwnerException("Run " + fencingToken() + " of child '" + spec.id() + "' of group '" + group()
                + "' may not write any more: " + why + ". No transaction was begun.");
    }

    @Override
    public MirroredSupervisor supervisor() {
        return environment.supervisor();
    }
}
