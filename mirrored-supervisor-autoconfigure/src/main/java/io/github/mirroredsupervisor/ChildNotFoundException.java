package io.github.mirroredsupervisor;

/** The group has no child of that id. Never thrown because the database is unreachable (semantics row B17). */
public final class ChildNotFoundException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public ChildNotFoundException(String message) {
        super(message);
    }
}
