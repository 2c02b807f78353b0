package io.github.mirroredsupervisor;

/** No live peer of the group can run the child: none knows its type, or all are cordoned. */
public final class NoCapablePeerException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public NoCapablePeerException(String message) {
        super(message);
    }
}
