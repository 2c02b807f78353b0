package io.github.mirroredsupervisor;

/** The owner did not answer in time. The request is stored in the child's row and will be carried out. */
public final class OwnerTimeoutException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public OwnerTimeoutException(String message) {
        super(message);
    }
}
