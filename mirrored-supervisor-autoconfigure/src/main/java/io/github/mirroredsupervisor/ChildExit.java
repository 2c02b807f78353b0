package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by a child to end in a particular way, without an error report (semantics rows A19–A22). It carries no stack
 * trace.
 */
public final class ChildExit extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final LastExit.Kind kind;

    private ChildExit(LastExit.Kind kind, @Nullable String reason) {
        super(reason, null, false, false);
        this.kind = kind;
    }

    /**
     * Ends the run in good order: a transient child is complete, a permanent one is restarted, a temporary one removed.
     */
    public static ChildExit shutdown(String reason) {
        return new ChildExit(LastExit.Kind.SHUTDOWN, reason);
    }

    /** Requests a restart: permanent and transient children are restarted, with a delay if the intensity is used up. */
    public static ChildExit restart() {
        return new ChildExit(LastExit.Kind.RESTART, null);
    }

    /**
     * From {@link ChildProcess#init init} only: the child is not needed now. It stays known (unless temporary) and does
     * not run.
     */
    public static ChildExit ignore() {
        return new ChildExit(LastExit.Kind.IGNORED, null);
    }

    public LastExit.Kind kind() {
        return kind;
    }
}
