package io.github.mirroredsupervisor.sample.benchmark;

/** A trial cannot go on; the message says why, and has the processes' logs. */
final class BenchmarkException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BenchmarkException(String message) {
        super(message);
    }

    BenchmarkException(String message, Throwable cause) {
        super(message, cause);
    }
}
