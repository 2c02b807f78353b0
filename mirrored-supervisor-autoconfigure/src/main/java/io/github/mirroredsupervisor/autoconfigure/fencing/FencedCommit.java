package io.github.mirroredsupervisor.autoconfigure.fencing;

import io.github.mirroredsupervisor.internal.supervision.run.FencedRun;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Checks the runs of a transaction right before its commit: after the registered before-commit callbacks, and after a
 * flush of the persistence context, which JPA would otherwise do in the commit itself. This order only keeps the time
 * short for which the child's row is locked. Writes after the check are fenced too: the lock lasts until the end of the
 * transaction.
 */
public final class FencedCommit implements TransactionExecutionListener {

    /** Marks a transaction whose commit has begun, by being among its callbacks. */
    private static final TransactionSynchronization BEGUN = new TransactionSynchronization() {};

    private final AbstractPlatformTransactionManager manager;

    private FencedCommit(AbstractPlatformTransactionManager manager) {
        this.manager = manager;
    }

    /** From now on, checks all commits of the manager. Thread-safe. */
    static void listenTo(AbstractPlatformTransactionManager manager) {
        synchronized (manager) {
            Collection<TransactionExecutionListener> present = manager.getTransactionExecutionListeners();
            if (present.stream().noneMatch(FencedCommit.class::isInstance)) {
                // A new list, because other threads may be iterating over this one.
                List<TransactionExecutionListener> listeners = new ArrayList<>(present);
                listeners.add(new FencedCommit(manager));
                manager.setTransactionExecutionListeners(listeners);
            }
        }
    }

    /**
     * Listens to each transaction manager from its creation on. Otherwise {@link #hasBegun} would miss a commit that
     * has already begun.
     */
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

    /**
     * Whether the commit of this thread's transaction has begun: it could still be joined, but nothing more would be
     * committed with it.
     */
    static boolean hasBegun() {
        return TransactionSynchronizationManager.isActualTransactionActive()
                && (!TransactionSynchronizationManager.isSynchronizationActive() // its last callbacks are running
                        || TransactionSynchronizationManager.getSynchronizations()
                                .contains(BEGUN));
    }

    /** Whether the commit of the manager's present transaction checks this run already. */
    static boolean checks(FencedRun run, PlatformTransactionManager manager) {
        return due(manager).stream().anyMatch(check -> check.isOf(run));
    }

    /** The checks that are due with this manager. Nested transactions of different managers share their callbacks. */
    private static List<FenceCheck> due(PlatformTransactionManager manager) {
        return TransactionSynchronizationManager.getSynchronizations().stream()
                .filter(FenceCheck.class::isInstance)
                .map(FenceCheck.class::cast)
                .filter(check -> check.isDueWith(manager))
                .toList();
    }

    /**
     * Whether nothing is left of the commit but the driver's own. A subclass may do more, so may listeners after this
     * one, and so does JPA.
     */
    private boolean isJustCommit() {
        Class<?> kind = manager.getClass();
        if (kind != JdbcTransactionManager.class && kind != DataSourceTransactionManager.class) {
            return false;
        }
        TransactionExecutionListener last = this;
        for (TransactionExecutionListener listener : manager.getTransactionExecutionListeners()) {
            last = listener;
        }
        return last == this;
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
        boolean commits = due.size() == 1 && isJustCommit();
        due.forEach(check -> check.check(commits));
        if (status.isNewSynchronization()) { // the callbacks end with this transaction
            TransactionSynchronizationManager.registerSynchronization(BEGUN);
        }
    }
}
