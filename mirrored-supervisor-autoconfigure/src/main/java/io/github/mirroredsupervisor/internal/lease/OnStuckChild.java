package io.github.mirroredsupervisor.internal.lease;

/** What happens to the process when a child does not end after it was told to. */
public enum OnStuckChild {
    /** The child is displayed as stuck, logged and published as an event. */
    REPORT,
    /**
     * The process is halted without shutdown hooks. The kernel then closes the resources that the child did not close.
     */
    HALT;

    /** The exit status of a process that halts itself. */
    public static final int EXIT_STATUS = 70;
}
