package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.FencedWork;
import org.jspecify.annotations.Nullable;

/**
 * The run that the current thread works for: a child's own thread for the whole run, any other thread during a fenced
 * transaction.
 */
public final class CurrentRun {

    private static final ThreadLocal<@Nullable RunContext> CURRENT = new ThreadLocal<>();

    private CurrentRun() {}

    /**
     * Runs the work in a fenced transaction of this thread's run, see {@link Fence#inTransaction}.
     *
     * @throws IllegalStateException if this thread works for no run
     * @throws Exception what the work threw, unchanged
     */
    public static <T extends @Nullable Object> T inFencedTransaction(FencedWork<T> work) throws Exception {
        RunContext run = CURRENT.get();
        if (run == null) {
            throw new IllegalStateException(
                    "Thread '" + Thread.currentThread().getName()
                            + "' runs no child, so there is no token to fence this transaction with. Call @FencedTransactional methods from init or run of a mirrored"
                            + " child, on the child's own thread; on other threads use inFencedTransaction of its ChildContext.");
        }
        return run.fenced(work);
    }

    /** Sets the run that this thread works for; null for no run. Returns the previous one. */
    static @Nullable RunContext replace(@Nullable RunContext run) {
        RunContext before = CURRENT.get();
        if (run == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(run);
        }
        return before;
    }
}
