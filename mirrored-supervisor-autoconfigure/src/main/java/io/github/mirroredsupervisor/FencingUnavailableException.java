package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * No fenced transaction is possible with the present setup of the application, its database or the transaction around
 * the call. Nothing was committed; the message says what to change.
 */
public final class FencingUnavailableException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public FencingUnavailableException(String message) {
        this(message, null);
    }

    public FencingUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
