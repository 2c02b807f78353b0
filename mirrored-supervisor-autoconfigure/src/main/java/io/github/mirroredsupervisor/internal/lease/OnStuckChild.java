package io.github.mirroredsupervisor.internal.lease;

/** What a child that does not end when it is told to means for its process. */
public enum OnStuckChild {
    /** It is shown, logged and published as an event. */
    REPORT,
    /** The process is halted, without shutdown hooks: the kernel then closes what the child would not. */
    HALT
}
