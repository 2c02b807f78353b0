package io.github.mirroredsupervisor;

/** The child waits for its restart, and the call requires a child that is stopped (semantics rows A30, A44, A45). */
public final class ChildRestartingException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public ChildRestartingException(String message) {
        super(message);
    }
}
