package io.github.mirroredsupervisor.sample.launcher;

/** A command-line argument that cannot be used; the message says what to write instead. */
public final class InvalidArgumentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public InvalidArgumentException(String message) {
        super(message);
    }
}
