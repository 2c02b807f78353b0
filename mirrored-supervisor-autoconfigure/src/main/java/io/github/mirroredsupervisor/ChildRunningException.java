package io.github.mirroredsupervisor;

/** The child runs, and the call requires a child that does not run (semantics rows A44, A45). */
public final class ChildRunningException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public ChildRunningException(String message) {
        super(message);
    }
}
