package io.github.mirroredsupervisor;

/** When a child that has ended is restarted: OTP's restart types (semantics rows A8, A19–A21). */
public enum RestartType {
    /** Always, whatever the exit. */
    PERMANENT,
    /** Only after a crash or {@link ChildExit#restart()}; a normal exit or {@link ChildExit#shutdown} completes it. */
    TRANSIENT,
    /** Never; its spec is removed when the child ends for any reason, including the loss of its owner. */
    TEMPORARY
}
