package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * The database did not answer, or not in time. The request may or may not have been carried out; a retry is safe. If
 * the database answers and refuses, a {@link StoreRefusedException} is thrown instead.
 */
public final class StoreUnavailableException extends StoreException {

    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
