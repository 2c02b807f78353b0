package io.github.mirroredsupervisor.autoconfigure.fencing;

import io.github.mirroredsupervisor.MirroredSupervisor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Warns once when a command is called inside a transaction. The command is not part of it: it takes effect at once and
 * is not undone by a rollback.
 */
public final class TransactionWarning implements InvocationHandler {

    private static final Logger log = LoggerFactory.getLogger(TransactionWarning.class);

    private static final Set<String> COMMANDS = Set.of(
            "startChild",
            "ensureChild",
            "restartChild",
            "terminateChild",
            "deleteChild",
            "removeChild",
            "moveChild",
            "restartGroup");

    private static final AtomicBoolean WARNED = new AtomicBoolean();

    private final MirroredSupervisor supervisor;

    private TransactionWarning(MirroredSupervisor supervisor) {
        this.supervisor = supervisor;
    }

    public static MirroredSupervisor around(MirroredSupervisor supervisor) {
        return (MirroredSupervisor) Proxy.newProxyInstance(
                TransactionWarning.class.getClassLoader(),
                new Class<?>[] {MirroredSupervisor.class},
                new TransactionWarning(supervisor));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (COMMANDS.contains(method.getName())
                && TransactionSynchronizationManager.isActualTransactionActive()
                && !TransactionSynchronizationManager.isCurrentTransactionReadOnly()
                && WARNED.compareAndSet(false, true)) {
            log.warn(
                    "{}() was called inside of a transaction, which it is no part of: it takes effect before the"
                            + " commit, and stays after a rollback. Call it after the commit, for example from"
                            + " TransactionSynchronization.afterCommit() or a @TransactionalEventListener. This is said"
                            + " once",
                    method.getName());
        }
        if (method.getName().equals("equals") && arguments != null) {
            return proxy == arguments[0];
        }
        try {
            return method.invoke(supervisor, arguments);
        } catch (InvocationTargetException ex) {
            throw ex.getTargetException();
        }
    }
}
