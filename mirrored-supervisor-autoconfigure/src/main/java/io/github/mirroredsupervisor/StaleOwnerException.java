package io.github.mirroredsupervisor;

/**
 * The run that called is not the child's present run, or must no longer act as it. Nothing of its fenced transaction
 * was committed, and the run is told to stop: however it then ends, that counts as a stop and not as a crash (faults
 * I6–I8).
 */
public final class StaleOwnerException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public StaleOwnerException(String message) {
        super(message);
    }
}
