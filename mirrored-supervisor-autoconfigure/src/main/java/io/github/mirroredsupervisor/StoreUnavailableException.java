package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * The database did not answer, or not in time. What was asked for may or may not have happened; asking again is safe.
 * If the database did answer and refused, it is a {@link StoreRefusedException} instead.
 */
public final class StoreUnavailableException extends StoreException {

    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
