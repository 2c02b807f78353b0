package io.github.mirroredsupervisor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One run's view of its supervisor. Valid for that run only; thread-safe. */
public interface ChildContext {

    String group();

    String childId();

    /**
     * This run's token: greater than that of every earlier run of this child. Send it along with each outside write, so
     * that the receiver can refuse older tokens.
     */
    long fencingToken();

    /**
     * Converts the spec's arguments to the given type.
     *
     * @throws IllegalArgumentException if the arguments do not fit the type
     */
    <T> T arguments(Class<T> type);

    /** Whether this run has been told to stop, for any reason. Never goes back to false. */
    boolean isStopping();

    /**
     * Whether the peer's lease still permits this run and the run has not been told to stop. Takes nanoseconds and does
     * no I/O: call it before each outside effect. A process may still pause after the call; only the fencing token
     * closes that gap.
     */
    boolean mayRun();

    /**
     * Sleeps for the given time, or returns early when the run is told to stop.
     *
     * @throws InterruptedException if the thread is interrupted for a reason other than the stop
     */
    void sleep(Duration duration) throws InterruptedException;

    /**
     * Reports that the work makes progress. A child with a {@link ChildSpec#progressTimeout} that does not call this in
     * time counts as hung: it is told to stop, and restarted as after a crash. Takes nanoseconds and does no I/O.
     */
    void progress();

    /**
     * Registers a resource that is closed if this run does not end in time after it was told to stop: a socket, a
     * client, a statement, anything that blocks the run's thread and ignores an interrupt. Resources are closed on a
     * separate thread, the last registered first, at most once, and not at all if the run ends in time. A failure to
     * close is logged.
     */
    void onForcedStop(AutoCloseable resource);

    /**
     * Runs work in a transaction of the application that commits only if this run is still the child's present run
     * (P2). The transaction comes from the application's transaction manager, on the same PostgreSQL; an open one is
     * joined. The child's row is checked and share-locked last, right before the commit, so no later run can have been
     * granted a token by then. The check uses no clock: it holds even for a process that was paused for an hour.
     *
     * <p>A run that was told to stop may still finish what it has begun, unless the reason is that its peer lost the
     * lease or the child. Keep the work short, and let it wait for nothing but this database: the server ends a
     * transaction that is idle for the lease minus the stop-bound.
     *
     * <p>Any thread may call this. A nested call on the same thread joins the transaction of the outer call.
     *
     * @return what the work returned
     * @throws StaleOwnerException if this run is not the present one; nothing was committed, and the run is told to
     *     stop. If an open transaction was joined, its commit throws this exception
     * @throws FencingUnavailableException if no check is possible with the present setup of the application or of the
     *     surrounding transaction
     * @throws java.lang.reflect.UndeclaredThrowableException wraps a checked exception of the work. Anything that the
     *     work throws rolls the transaction back
     */
    <T extends @Nullable Object> T inFencedTransaction(FencedWork<T> work);

    /**
     * The same as {@link #inFencedTransaction(FencedWork)}, for work without a result. As with
     * {@code ExecutorService.submit}, a lambda that is an expression or returns a value selects the other overload; a
     * block lambda that returns nothing selects this one.
     *
     * @throws StaleOwnerException if this run is not the present one
     * @throws FencingUnavailableException if no check is possible
     * @throws java.lang.reflect.UndeclaredThrowableException wraps a checked exception of the work
     */
    default void inFencedTransaction(FencedAction action) {
        FencedWork<Boolean> work = () -> {
            action.run();
            return true;
        };
        inFencedTransaction(work);
    }

    /** The group this child belongs to. Its methods may be called from init and run, and while the child stops. */
    MirroredSupervisor supervisor();
}
