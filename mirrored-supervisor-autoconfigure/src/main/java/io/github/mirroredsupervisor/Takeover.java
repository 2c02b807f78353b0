package io.github.mirroredsupervisor;

/** How soon the child of a lost peer may run elsewhere. */
public enum Takeover {
    /** When the lost peer's lease has surely ended: never two runners. */
    AFTER_LEASE,
    /**
     * As soon as the peer's session is gone, which a crash ends at once and a network may end at any time: only for
     * effects that are fenced by the token or idempotent, as the former runner may still be running. Where session
     * hints do not work it is {@link #AFTER_LEASE}.
     */
    IMMEDIATE
}
