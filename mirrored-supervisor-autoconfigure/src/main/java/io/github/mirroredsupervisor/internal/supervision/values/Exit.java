package io.github.mirroredsupervisor.internal.supervision.values;

import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.LastExit.Kind;
import io.github.mirroredsupervisor.internal.platform.Failures;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended. Created on the run's own thread, because reading a failure's message calls the application's code.
 *
 * @param reason short text, see {@link LastExit#reason}
 * @param failure what was thrown
 */
public record Exit(
        Kind kind, @Nullable String reason, @Nullable Throwable failure) {

    public static final int MAX_REASON = 500;

    public static Exit returned() {
        return new Exit(Kind.NORMAL, null, null);
    }

    /** The child never ran, or ended because it was told to. */
    public static Exit stopped(@Nullable Throwable failure) {
        return new Exit(Kind.STOPPED, null, failure);
    }

    /** The child made no progress in time. */
    public static Exit hung(@Nullable Duration timeout) {
        return new Exit(Kind.CRASH, "no progress within " + timeout, null);
    }

    /** Thrown before init returned (semantics row A13). */
    public static Exit thrownByInit(Throwable failure) {
        boolean ignored = failure instanceof ChildExit exit && exit.kind() == Kind.IGNORED;
        return new Exit(ignored ? Kind.IGNORED : Kind.START_FAILED, ignored ? null : text(failure), failure);
    }

    /** Thrown by run (semantics rows A19–A22). Only init can decline a start; in run this is a crash, as in OTP. */
    public static Exit thrownByRun(Throwable failure) {
        if (failure instanceof ChildExit exit && exit.kind() != Kind.IGNORED) {
            return new Exit(exit.kind(), bounded(exit.getMessage()), exit);
        }
        return new Exit(Kind.CRASH, text(failure), failure);
    }

    public LastExit at(Instant when) {
        return new LastExit(kind, reason, when);
    }

    private static String text(Throwable failure) {
        String name = failure.getClass().getSimpleName();
        if (name.isEmpty()) {
            name = failure.getClass().getName();
        }
        String message = message(failure);
        String text = bounded(message == null || message.isBlank() ? name : name + ": " + message);
        return text == null ? name : text;
    }

    private static @Nullable String message(Throwable failure) {
        return failure instanceof ChildExit exit && exit.kind() == Kind.IGNORED
                ? "a child can decline from init only"
                : Failures.message(failure);
    }

    private static @Nullable String bounded(@Nullable String text) {
        return text == null || text.length() <= MAX_REASON ? text : text.substring(0, MAX_REASON - 1) + "…";
    }
}
