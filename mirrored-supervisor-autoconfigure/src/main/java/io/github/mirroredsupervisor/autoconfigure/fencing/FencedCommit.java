package io.github.mirroredsupervisor.autoconfigure.fencing;

import io.github.mirroredsupervisor.internal.supervision.run.FencedRun;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Has the runs of a transaction checked right before it is committed: after the callbacks that were registered for
 * that, and after the persistence context is flushed, which JPA would do in the commit itself. The order only keeps the
 * child's row from being locked for longer than the commit takes. What does come after the check is fenced all the
 * same: the lock lasts until the end of the transaction.
 */
public final class FencedCommit implements TransactionExecutionListener {

    /** Is among the callbacks of a transaction from its commit on. */
    private static final TransactionSynchronization BEGUN = new TransactionSynchronization() {};

    private final PlatformTransactionManager manager;

    private FencedCommit(PlatformTransactionManager manager) {
        this.manager = manager;
    }

    /** Has all commits of the manager checked from now on. Thread-safe. */
    static void listenTo(AbstractPlatformTransactionManager manager) {
        synchronized (manager) {
            Collection<TransactionExecutionListener> present = manager.getTransactionExecutionListeners();
            if (present.stream().noneMatch(FencedCommit.class::isInstance)) {
                // Another list, as other threads may be going through this one.
                List<TransactionExecutionListener> listeners = new ArrayList<>(present);
                listeners.add(new FencedCommit(manager));
                manager.setTransactionExecutionListeners(listeners);
            }
        }
    }

    /** From when they are made: a commit that has begun unheard cannot be told from one that is still to come. */
    public static BeanPostProcessor ofAllManagers() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                if (bean instanceof AbstractPlatformTransactionManager manager) {
                    listenTo(manager);
                }
                return bean;
            }
        };
    }

    /** Whether the present transaction of this thread can be joined and not committed with any more. */
    static boolean hasBegun() {
        return TransactionSynchronizationManager.isActualTransactionActive()
                && (!TransactionSynchronizationManager.isSynchronizationActive() // its last callbacks are called
                        || TransactionSynchronizationManager.getSynchronizations()
                                .contains(BEGUN));
    }

    /** Whether the commit of the manager's present transaction checks this run already. */
    static boolean checks(FencedRun run, PlatformTransactionManager manager) {
        return due(manager).stream().anyMatch(check -> check.isOf(run));
    }

    /** A transaction of one manager may be inside of another's, and then they have their callbacks in common. */
    private static List<FenceCheck> due(PlatformTransactionManager manager) {
        return TransactionSynchronizationManager.getSynchronizations().stream()
                .filter(FenceCheck.class::isInstance)
                .map(FenceCheck.class::cast)
                .filter(check -> check.isDueWith(manager))
                .toList();
    }

    @Override
    public void beforeCommit(TransactionExecution transaction) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            return;
        }
        DefaultTransactionStatus status = (DefaultTransactionStatus) transaction;
        List<FenceCheck> due = due(manager);
        if (!due.isEmpty()) {
            status.flush();
        }
        due.forEach(FenceCheck::check);
        if (status.isNewSynchronization()) { // the callbacks end with it
            TransactionSynchronizationManager.registerSynchronization(BEGUN);
        }
    }
}
