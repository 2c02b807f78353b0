package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/** Base class of all exceptions of a {@link MirroredSupervisor}. None of them affects the members of the group. */
public abstract class MirroredSupervisorException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    protected MirroredSupervisorException(String message) {
        super(message);
    }

    protected MirroredSupervisorException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
