package io.github.mirroredsupervisor.internal.postgres.server;

import io.github.mirroredsupervisor.MirroredSupervisorException;

/** The server cannot hold the store: not PostgreSQL, too old, a standby, or read-only. The message says what to do. */
public final class UnsupportedServerException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public UnsupportedServerException(String message) {
        super(message);
    }
}
