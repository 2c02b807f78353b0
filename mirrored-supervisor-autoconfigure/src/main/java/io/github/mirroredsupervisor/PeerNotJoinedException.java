package io.github.mirroredsupervisor;

/**
 * This peer is no member of its groups at the moment: it was not started, it was stopped, or it has not joined yet, or
 * not joined anew since it was declared dead. Nothing was changed, unless the message says that the request stands.
 * Another peer may answer the same call, and so may this one once it has joined.
 */
public final class PeerNotJoinedException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public PeerNotJoinedException(String message) {
        super(message);
    }
}
