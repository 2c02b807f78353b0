package io.github.mirroredsupervisor;

/** How soon the child of a lost peer may run elsewhere. */
public enum Takeover {
    /** When the lost peer's lease has certainly ended: never two runs at once. */
    AFTER_LEASE,
    /**
     * As soon as the peer's database session is gone. A crash ends the session at once, and a network fault may end it
     * at any time, so the former run may still be running: use this only for effects that are fenced by the token or
     * idempotent. Where session hints do not work, this is the same as {@link #AFTER_LEASE}.
     */
    IMMEDIATE
}
