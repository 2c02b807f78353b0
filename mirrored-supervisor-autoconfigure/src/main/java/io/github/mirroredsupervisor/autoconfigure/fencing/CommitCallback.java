package io.github.mirroredsupervisor.autoconfigure.fencing;

import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionSynchronizationUtils;

/**
 * Whether this thread is inside a callback of the commit of the transaction that it has open. Spring does not say: what
 * is registered for a commit that has begun is not called any more, and a transaction can be joined after it was
 * committed. So the stack is asked, which names the innermost callback.
 */
enum CommitCallback {
    /** In none, or in that of another transaction than the open one. */
    NONE,
    /** The commit is about to come, and what is registered now comes too late for it. */
    BEFORE,
    /** There is nothing left to be committed with. */
    AFTER;

    private static final StackWalker STACK = StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE);

    private static final Map<String, CommitCallback> CALLS = Map.of(
            "triggerBeforeCommit", BEFORE,
            "triggerBeforeCompletion", BEFORE,
            "invokeAfterCommit", AFTER,
            "invokeAfterCompletion", AFTER);

    /** Of this thread, before it asks for a transaction. */
    static CommitCallback current() {
        return TransactionSynchronizationManager.isActualTransactionActive()
                ? STACK.walk(CommitCallback::innermost)
                : NONE;
    }

    private static CommitCallback innermost(Stream<StackFrame> frames) {
        @Nullable Class<?> called = null;
        for (Iterator<StackFrame> all = frames.iterator(); all.hasNext(); ) {
            StackFrame frame = all.next();
            CommitCallback callback = CALLS.get(frame.getMethodName());
            if (callback != null
                    && called != null
                    && frame.getDeclaringClass() == TransactionSynchronizationUtils.class) {
                return isOfOpenTransaction(called) ? callback : NONE;
            }
            called = frame.getDeclaringClass();
        }
        return NONE;
    }

    /**
     * After completion the synchronizations are gone; if there are some, they are those of a transaction that was begun
     * in the callback.
     */
    private static boolean isOfOpenTransaction(Class<?> callback) {
        return !TransactionSynchronizationManager.isSynchronizationActive()
                || TransactionSynchronizationManager.getSynchronizations().stream()
                        .anyMatch(callback::isInstance);
    }
}
