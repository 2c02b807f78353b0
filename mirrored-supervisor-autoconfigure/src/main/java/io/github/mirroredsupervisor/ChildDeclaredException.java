package io.github.mirroredsupervisor;

/**
 * The child is declared by the applications that run it, with {@link MirroredChild}, and the call would give it another
 * definition. What it is stands in the code: its owner takes that at each start of it, and so a definition from a call
 * would not last.
 */
public final class ChildDeclaredException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public ChildDeclaredException(String message) {
        super(message);
    }
}
