package io.github.mirroredsupervisor.internal.platform;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads exceptions of the application's code safely. Their {@code getMessage()} may itself throw, and then so would the
 * code that logs or prints the exception. Thread-safe.
 */
public final class Failures {

    private Failures() {}

    /** The result of its {@code toString()}, or its class name if that throws. */
    public static String text(Throwable failure) {
        try {
            return failure.toString();
        } catch (Throwable unreadable) {
            return failure.getClass().getName();
        }
    }

    /** Its message; null if there is none or it cannot be read. */
    public static @Nullable String message(Throwable failure) {
        try {
            return failure.getMessage();
        } catch (Throwable unreadable) {
            return null;
        }
    }

    /**
     * The failure itself if all of it can be read, otherwise a substitute. For logs, and for causes of other
     * exceptions.
     */
    public static Throwable printable(Throwable failure) {
        return isPrintable(failure) ? failure : new UnprintableException(failure);
    }

    private static boolean isPrintable(Throwable failure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> open = new ArrayDeque<>();
        open.add(failure);
        try {
            while (!open.isEmpty()) {
                Throwable next = open.pop();
                if (!seen.add(next)) {
                    continue;
                }
                String unused = next.toString() + next.getMessage() + next.getLocalizedMessage();
                if (next.getCause() != null) {
                    open.add(next.getCause());
                }
                Collections.addAll(open, next.getSuppressed());
            }
            return true;
        } catch (Throwable unreadable) {
            return false;
        }
    }

    /** Replaces a failure that cannot be printed. */
    private static final class UnprintableException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private UnprintableException(Throwable failure) {
            super(failure.getClass().getName()
                    + ", which cannot be printed: its message or one of its causes cannot be read");
            try {
                setStackTrace(failure.getStackTrace());
            } catch (Throwable unreadable) {
                setStackTrace(new StackTraceElement[0]);
            }
        }
    }
}
