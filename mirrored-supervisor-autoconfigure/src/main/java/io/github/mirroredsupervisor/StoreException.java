package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * The database did not carry out a request. Either it did not answer, which is a {@link StoreUnavailableException}, or
 * it refused, which is a {@link StoreRefusedException}. No message contains a password.
 */
public abstract sealed class StoreException extends MirroredSupervisorException
        permits StoreUnavailableException, StoreRefusedException {

    private static final long serialVersionUID = 1L;

    StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
