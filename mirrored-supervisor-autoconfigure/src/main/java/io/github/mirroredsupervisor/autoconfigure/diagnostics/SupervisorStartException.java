package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import org.jspecify.annotations.Nullable;

/**
 * The application cannot start as it is configured. Holds the description and the action that
 * {@link SupervisorStartFailureAnalyzer} prints.
 */
public final class SupervisorStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Problem {
        CONTRADICTING_SETTINGS,
        UNKNOWN_GROUP,
        DUPLICATE_CHILD,
        UNSUPPORTED_CHILD_BEAN,
        INVALID_CHILD,
        NO_DATABASE,
        UNSUITABLE_DATABASE,
        UNKNOWN_CONNECTION,
        SCHEMA_MISSING,
        SCHEMA_OUTDATED,
        SCHEMA_NOT_PERMITTED,
        SCHEMA_FAILED,
        SCHEMA_LOCKED,
        STOPPED,
        FOREIGN_APPLICATION,
        UNSUITABLE_SPRING_BOOT,
        UNKNOWN_TRANSACTION_MANAGER,
        UNSUPPORTED_FENCED_METHOD
    }

    private final Problem problem;

    private final String action;

    public SupervisorStartException(Problem problem, String description, String action) {
        this(problem, description, action, null);
    }

    public SupervisorStartException(Problem problem, String description, String action, @Nullable Throwable cause) {
        super(description, cause);
        this.problem = problem;
        this.action = action;
    }

    public Problem problem() {
        return problem;
    }

    /** What to do about it. */
    public String action() {
        return action;
    }
}
