package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/** What every error of a {@link MirroredSupervisor} extends. No member is harmed by any of them. */
public abstract class MirroredSupervisorException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    protected MirroredSupervisorException(String message) {
        super(message);
    }

    protected MirroredSupervisorException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
