package io.github.mirroredsupervisor.autoconfigure.fencing;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.StaleOwnerException;
import io.github.mirroredsupervisor.internal.postgres.tables.ChildFence;
import io.github.mirroredsupervisor.internal.supervision.run.FencedRun;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Refuses the commit of a transaction whose run is stale.
 *
 * <p>It is the last to be called before the commit, as far as that can be had: it has the lowest precedence, stands
 * behind whatever of the same precedence the fenced work registered, and flushes the persistence context, which JPA
 * would do in the commit itself. This only keeps the child's row from being locked for longer than the commit takes.
 * What does come after the check, such as the writes of a callback that the code around registered later, is fenced all
 * the same: the lock lasts until the end of the transaction.
 */
final class FenceSynchronization implements TransactionSynchronization {

    private final FencedRun run;

    private final ChildFence fence;

    private final TransactionStatus transaction;

    private boolean replaced;

    private boolean stale;

    FenceSynchronization(FencedRun run, ChildFence fence, TransactionStatus transaction) {
        this.run = run;
        this.fence = fence;
        this.transaction = transaction;
    }

    /** The one that will check the run in the present transaction, if there is one yet. */
    static @Nullable FenceSynchronization of(FencedRun run) {
        return TransactionSynchronizationManager.getSynchronizations().stream()
                .filter(FenceSynchronization.class::isInstance)
                .map(FenceSynchronization.class::cast)
                .filter(one -> one.run == run && !one.replaced)
                .findFirst()
                .orElse(null);
    }

    /** Has the run checked after everything that is registered so far. */
    static void moveToEnd(FencedRun run) {
        List<TransactionSynchronization> all = TransactionSynchronizationManager.getSynchronizations();
        FenceSynchronization present = of(run);
        if (present != null && all.get(all.size() - 1) != present) {
            present.replaced = true;
            TransactionSynchronizationManager.registerSynchronization(
                    new FenceSynchronization(run, present.fence, present.transaction));
        }
    }

    @Override
    public void beforeCommit(boolean readOnly) {
        if (replaced) {
            return;
        }
        transaction.flush();
        now();
    }

    /** Also before the work, where it is too late to be called before the commit: the lock lasts until then. */
    void now() {
        ChildRef ref = run.ref();
        if (!fence.holds(ref)) {
            stale = true;
            throw new StaleOwnerException("Run " + ref.fencingToken() + " of child '" + ref.childId() + "' of group '"
                    + ref.group()
                    + "' is not the present one: a later token was granted, or the child is gone. Its transaction"
                    + " was rolled back.");
        }
    }

    /** Only now: the interrupt that tells the run could otherwise break the rollback. */
    @Override
    public void afterCompletion(int status) {
        if (stale) {
            run.foundStale();
        }
    }
}
