package io.github.mirroredsupervisor.sample.measure;

/** The measurement cannot go on; the message names the condition that was not reached, and has the nodes' logs. */
final class MeasureException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MeasureException(String message) {
        super(message);
    }
}
