package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/** The child's start failed on its owner. The message carries the owner's text; the cause is there if the owner is this peer. */
public final class ChildStartException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public ChildStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
