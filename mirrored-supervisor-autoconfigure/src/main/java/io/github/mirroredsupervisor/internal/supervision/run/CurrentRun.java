package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.FencedWork;
import org.jspecify.annotations.Nullable;

/**
 * The run that the current thread works for: a child's own thread for the whole run, any other thread during a fenced
 * transaction.
 */
public final class CurrentRun {

    private CurrentRun() {}

    /**
     * Runs the work in a fenced transaction of this thread's run, see {@link Fence#inTransaction}.
     *
     * @throws IllegalStateException if this thread works for no run
     * @throws Exception what the work threw, unchanged
     */
    public static <T extends @Nullable Object> T inFencedTransaction(FencedWork<T> work) throws Exception {
        RunContext run = RunContext.current();
        if (run == null) {
            throw new IllegalStateException(
                    "Thread '" + Thread.currentThread().getName()
                            + "' runs no child, so there is no token to fence this transaction with. Call @FencedTransactional methods from init or run of a mirrored"
                            + " child, on the child's own thread; on other threads use inFencedTransaction of its ChildContext.");
        }
        return run.fenced(work);
    }
}
