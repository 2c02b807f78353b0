package io.github.mirroredsupervisor.sample.cluster;

/** The node is not in a state in which this can be done to it. */
public final class NodeStateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NodeStateException(String message) {
        super(message);
    }
}
