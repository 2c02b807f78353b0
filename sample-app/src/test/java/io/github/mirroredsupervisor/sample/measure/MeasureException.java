package io.github.mirroredsupervisor.sample.measure;

/** The measurement cannot go on; the message says what was waited for, and what the nodes wrote. */
final class MeasureException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MeasureException(String message) {
        super(message);
    }
}
