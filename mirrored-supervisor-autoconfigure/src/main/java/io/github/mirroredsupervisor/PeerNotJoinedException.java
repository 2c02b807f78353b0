package io.github.mirroredsupervisor;

/**
 * This peer is not a member of its groups at the moment: it was not started, it was stopped, it has not joined yet, or
 * it was declared dead and has not joined again. Nothing was changed, unless the message says that the request stands.
 * Another peer can answer the same call, and so can this one once it has joined.
 */
public final class PeerNotJoinedException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public PeerNotJoinedException(String message) {
        super(message);
    }
}
