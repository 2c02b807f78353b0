package io.github.mirroredsupervisor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One run's view of its supervisor. Valid for that run only; thread-safe. */
public interface ChildContext {

    String group();

    String childId();

    /** This run's token: greater than that of every earlier run of this child. Hand it to whatever you write to. */
    long fencingToken();

    /**
     * The spec's arguments as an object of the given type.
     *
     * @throws IllegalArgumentException if they do not fit it
     */
    <T> T arguments(Class<T> type);

    /** Whether this run was told to end, for whatever reason. */
    boolean isStopping();

    /**
     * Whether the peer's lease still permits this run and it was not told to stop. Nanoseconds, no I/O: ask before each
     * outside effect. It narrows the gap that a paused process leaves; only the token closes it.
     */
    boolean mayRun();

    /**
     * Sleeps, or returns early when told to stop.
     *
     * @throws InterruptedException if interrupted for another reason than the stop
     */
    void sleep(Duration duration) throws InterruptedException;

    /**
     * Says that the work goes on. A child with a {@link ChildSpec#progressTimeout} that does not call this in time
     * counts as hung, which is a crash: it is told to stop, and restarted by the rules for crashes. Nanoseconds, no
     * I/O.
     */
    void progress();

    /**
     * Something to close if this run does not end in the time it has when it is told to: a socket, a client, a
     * statement, whatever its thread may wait in and an interrupt does not reach. Closed on a thread of its own, the
     * last one registered first, at most once, and not at all if the run ends in time. A failure to close is logged.
     */
    void onForcedStop(AutoCloseable resource);

    /**
     * Runs work in a transaction of the application that commits only if this run still is the child's present one
     * (P2). The transaction is one of the application's transaction manager, on the same PostgreSQL; one that is open
     * already is joined. The child's row is checked and share-locked after everything else, right before the commit, so
     * that no later run can have been granted a token by then. No clock is asked: the check holds for a process that
     * was paused for an hour.
     *
     * <p>A run that was told to stop may still finish what it has begun, unless it was told because it lost its lease
     * or its child. Keep the work short, and wait for nothing but this database in it: a transaction that stands still
     * for the lease less the stop-bound is ended by the server.
     *
     * <p>Any thread may call this. It neither begins nor ends a transaction within another call of it on the same one.
     *
     * @return what the work returned
     * @throws StaleOwnerException if this run is not the present one; nothing was committed, and the run is told to
     *     stop. Where an open transaction was joined, its commit throws this
     * @throws FencingUnavailableException if the application or the transaction around is set up so that no check is
     *     possible
     * @throws java.lang.reflect.UndeclaredThrowableException around a checked exception of the work. Whatever the work
     *     throws rolls back
     */
    <T extends @Nullable Object> T inFencedTransaction(FencedWork<T> work);

    /**
     * As {@link #inFencedTransaction(FencedWork)}, for work without a result. A lambda that is an expression or returns
     * a value is the other's, as with {@code ExecutorService.submit}; a block that returns nothing is this one's.
     *
     * @throws StaleOwnerException as there
     * @throws FencingUnavailableException as there
     * @throws java.lang.reflect.UndeclaredThrowableException as there
     */
    default void inFencedTransaction(FencedAction action) {
        FencedWork<Boolean> work = () -> {
            action.run();
            return true;
        };
        inFencedTransaction(work);
    }

    /** The group this child belongs to. It may be called from init, run and while stopping. */
    MirroredSupervisor supervisor();
}
