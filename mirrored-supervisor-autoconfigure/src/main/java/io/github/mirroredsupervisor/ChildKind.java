package io.github.mirroredsupervisor;

/** OTP's child type. It decides the default shutdown and how {@link ChildCounts} counts the child. */
public enum ChildKind {
    /** Does its own work. */
    WORKER,
    /** Supervises other children; has no time limit for its shutdown by default. */
    SUPERVISOR
}
