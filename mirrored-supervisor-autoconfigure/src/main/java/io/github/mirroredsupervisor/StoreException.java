package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * The database did not do what was asked for. Either it gave no answer, which is a {@link StoreUnavailableException},
 * or its answer was no, which is a {@link StoreRefusedException}. No message of it holds a password.
 */
public abstract sealed class StoreException extends MirroredSupervisorException
        permits StoreUnavailableException, StoreRefusedException {

    private static final long serialVersionUID = 1L;

    StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
