package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.MirroredSupervisorException;

/** A peer was told to stop while it was starting. It is not a member and runs nothing. */
public final class StartAbandonedException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    StartAbandonedException(String message) {
        super(message);
    }
}
