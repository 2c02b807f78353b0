package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.FencedWork;
import io.github.mirroredsupervisor.FencingUnavailableException;
import org.jspecify.annotations.Nullable;

/** Runs work in the application's transactions so that only the current run of a child can commit (P2). Thread-safe. */
public interface Fence {

    /**
     * Runs work in a transaction that is refused before its commit if the run is stale. Joins an open transaction.
     *
     * @throws io.github.mirroredsupervisor.StaleOwnerException if it was refused; the run was told to end
     * @throws io.github.mirroredsupervisor.FencingUnavailableException if the run cannot be checked
     * @throws Exception what the work threw; it was rolled back
     */
    <T extends @Nullable Object> T inTransaction(FencedRun run, FencedWork<T> work) throws Exception;

    /** For an environment without fenced transactions: refuses each one with this message. */
    static Fence unavailable(String message) {
        return new Fence() {
            @Override
            public <T extends @Nullable Object> T inTransaction(FencedRun run, FencedWork<T> work) {
                throw new FencingUnavailableException(message);
            }
        };
    }
}
