package io.github.mirroredsupervisor;

/** The group is terminated on every peer; {@link MirroredSupervisor#restartGroup()} revives it (semantics row B47). */
public final class GroupTerminatedException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public GroupTerminatedException(String message) {
        super(message);
    }
}
