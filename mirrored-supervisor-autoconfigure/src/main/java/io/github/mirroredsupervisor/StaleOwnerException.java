package io.github.mirroredsupervisor;

/**
 * The run that wanted to write is not, or must no longer act as, the child's present run. Nothing of its fenced
 * transaction was committed, and the run is told to stop: however it goes on, its end is a stop and no crash (faults
 * I6–I8).
 */
public final class StaleOwnerException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public StaleOwnerException(String message) {
        super(message);
    }
}
