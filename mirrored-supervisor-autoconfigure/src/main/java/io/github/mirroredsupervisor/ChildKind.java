package io.github.mirroredsupervisor;

/** OTP's child type. It decides the default shutdown and how {@link ChildCounts} counts the child. */
public enum ChildKind {
    /** Does work of its own. */
    WORKER,
    /** Supervises others; shut down without a time limit by default. */
    SUPERVISOR
}
