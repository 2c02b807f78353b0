package io.github.mirroredsupervisor;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A child spec is malformed or names a type that no live peer registered. Nothing was stored (semantics rows A4, A5,
 * A14, B26).
 */
public final class InvalidChildSpecException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // an immutable list of serializable records
    private final List<Violation> violations;

    /**
     * Creates the exception.
     *
     * @param violations everything that is wrong, in OTP's order; at least one
     */
    public InvalidChildSpecException(List<Violation> violations) {
        super(violations.stream().map(Violation::toString).collect(Collectors.joining("; ")));
        this.violations = List.copyOf(violations);
    }

    /** All violations; the first is the one that OTP would have reported. */
    public List<Violation> violations() {
        return violations;
    }

    /**
     * One thing that is wrong.
     *
     * @param childId the id as given, null if the spec or its id is null
     * @param reason the kind of violation
     * @param message what to do about it
     */
    public record Violation(@Nullable String childId, Reason reason, String message) implements Serializable {

        @Override
        public String toString() {
            return (childId == null ? "" : "child '" + childId + "': ") + message + " (" + reason + ")";
        }
    }

    /** OTP's reasons, and reasons for the fields that OTP does not have. */
    public enum Reason {
        INVALID_CHILD_SPEC,
        MISSING_ID,
        /** The id is too long or contains characters that an id must not have. */
        INVALID_ID,
        MISSING_START,
        /** The name of the type is too long or contains characters that a name must not have. */
        INVALID_START,
        UNKNOWN_TYPE,
        INVALID_ARGUMENTS,
        INVALID_RESTART_TYPE,
        INVALID_DELAY,
        BAD_COMBINATION,
        INVALID_CHILD_TYPE,
        INVALID_SHUTDOWN,
        INVALID_TAKEOVER,
        INVALID_OUTAGE_POLICY,
        INVALID_PROGRESS_TIMEOUT,
        DUPLICATE_CHILD_NAME
    }
}
