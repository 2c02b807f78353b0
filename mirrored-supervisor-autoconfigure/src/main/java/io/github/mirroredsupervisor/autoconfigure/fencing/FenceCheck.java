package io.github.mirroredsupervisor.autoconfigure.fencing;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.StaleOwnerException;
import io.github.mirroredsupervisor.internal.postgres.children.ChildFence;
import io.github.mirroredsupervisor.internal.supervision.run.FencedRun;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;

/**
 * Refuses the commit of a transaction whose run is stale. It is registered with the transaction, and
 * {@link FencedCommit} calls it.
 */
final class FenceCheck implements TransactionSynchronization {

    private final FencedRun run;
    private final ChildFence fence;
    private final PlatformTransactionManager manager;
    private boolean checked;
    private boolean stale;

    FenceCheck(FencedRun run, ChildFence fence, PlatformTransactionManager manager) {
        this.run = run;
        this.fence = fence;
        this.manager = manager;
    }

    /** Whether the check is still to be done before a commit by the given manager. */
    boolean isDueWith(PlatformTransactionManager other) {
        return !checked && manager == other;
    }

    boolean isOf(FencedRun other) {
        return run == other;
    }

    /**
     * Refuses the commit if the run is stale.
     *
     * @param commits whether to carry it out as well, in the same round trip
     */
    void check(boolean commits) {
        ChildRef ref = run.ref();
        checked = true;
        if (!(commits ? fence.commitIfHeld(ref) : fence.holds(ref))) {
            stale = true;
            throw new StaleOwnerException("Run " + ref.fencingToken() + " of child '" + ref.childId() + "' of group '"
                    + ref.group()
                    + "' is not the present one: a later token was granted, or the child is gone. Its transaction"
                    + " was rolled back.");
        }
    }

    /** Tells the run to stop only now: the interrupt could otherwise break the rollback. */
    @Override
    public void afterCompletion(int status) {
        if (stale) {
            run.foundStale();
        }
    }
}
