package io.github.mirroredsupervisor;

/**
 * The child is declared by the applications that run it, with {@link MirroredChild}, and the call would give it another
 * definition. The owner takes the definition from the code at each start of the child, so a definition from a call
 * would not last.
 */
public final class ChildDeclaredException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public ChildDeclaredException(String message) {
        super(message);
    }
}
