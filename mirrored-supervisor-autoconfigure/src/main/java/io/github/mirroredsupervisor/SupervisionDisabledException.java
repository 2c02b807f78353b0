package io.github.mirroredsupervisor;

/**
 * Mirrored supervision is switched off in this application ({@code mirrored-supervisor.enabled=false}), so the
 * supervisor refuses the call. Nothing was changed.
 */
public final class SupervisionDisabledException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    public SupervisionDisabledException(String message) {
        super(message);
    }
}
