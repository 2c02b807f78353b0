package io.github.mirroredsupervisor.autoconfigure.fencing;

import io.github.mirroredsupervisor.FencedWork;
import io.github.mirroredsupervisor.FencingUnavailableException;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import io.github.mirroredsupervisor.internal.supervision.run.FencedRun;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The {@link Fence} over the application's own transaction manager: begins or joins a transaction, and registers the
 * check before its commit.
 */
public final class TransactionFence implements Fence {

    private static final TransactionDefinition REQUIRED = TransactionDefinition.withDefaults();

    private final FencingTarget.Source targets;

    public TransactionFence(FencingTarget.Source targets) {
        this.targets = targets;
    }

    @Override
    public <T extends @Nullable Object> T inTransaction(FencedRun run, FencedWork<T> work) throws Exception {
        FencingTarget target = targets.get();
        PlatformTransactionManager manager = target.manager();
        boolean over = FencedCommit.hasBegun(); // of the transaction to join: read it before joining
        TransactionStatus status = manager.getTransaction(REQUIRED);
        T result;
        try {
            enter(target, run, over && !status.isNewTransaction());
            result = work.run();
        } catch (Throwable failure) {
            rollBack(manager, status, failure);
            throw failure;
        }
        manager.commit(status);
        return result;
    }

    /**
     * Registers the check, without which this transaction cannot commit from now on. Done once for each run, however
     * often the transaction is joined.
     */
    private static void enter(FencingTarget target, FencedRun run, boolean isOver) {
        if (isOver) {
            throw new FencingUnavailableException(
                    "The transaction that is open is completed: this was called in a callback after its commit, where nothing can be"
                            + " committed with it. Begin another one around the call, with propagation REQUIRES_NEW.");
        }
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            throw new FencingUnavailableException("The transaction manager " + target.name()
                    + " does without transaction synchronization, so that nothing can be checked before its commits. Set its transactionSynchronization"
                    + " to SYNCHRONIZATION_ALWAYS, which is the default.");
        }
        if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
            throw new FencingUnavailableException(
                    "The transaction that is open is read-only, and a fenced one has to lock the child's row. Take readOnly from it, or call"
                            + " inFencedTransaction outside of it.");
        }
        if (FencedCommit.checks(run, target.manager())) {
            return;
        }
        if (!(TransactionSynchronizationManager.getResource(target.dataSource()) instanceof ConnectionHolder)) {
            throw new FencingUnavailableException("The transaction manager " + target.name()
                    + " does not share its JDBC connection, so that nothing can be checked on it. For JPA, use a JpaVendorAdapter whose JpaDialect does,"
                    + " such as Hibernate's.");
        }
        target.fence().enter(run.ref());
        TransactionSynchronizationManager.registerSynchronization(
                new FenceCheck(run, target.fence(), target.manager()));
    }

    private static void rollBack(PlatformTransactionManager manager, TransactionStatus status, Throwable failure) {
        try {
            manager.rollback(status);
        } catch (RuntimeException | Error e) {
            failure.addSuppressed(e);
        }
    }
}
