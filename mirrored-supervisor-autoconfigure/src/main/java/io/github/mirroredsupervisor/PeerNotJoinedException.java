package io.github.mirroredsupervisor;

/**
 * This peer is no member of its groups at the moment: it was not started, it was stopped, or it has not joined yet. Nothing was asked of the database, and nothing
 * was changed. Another peer may answer the same call, and so may this one once it has joined.
 */
public final class PeerNotJoinedException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public PeerNotJoinedException(String message) {
        super(message);
    }
}
