package io.github.mirroredsupervisor.sample.cluster;

/** A node as the operating system shows it. */
public enum NodeState {
    /** Its process was started and does not answer yet. */
    STARTING,
    RUNNING,
    /** Stopped by SIGSTOP. */
    PAUSED,
    /** Told to end by SIGTERM. */
    STOPPING,
    /** Ended as it was told. */
    STOPPED,
    /** Killed, from here or elsewhere. */
    KILLED,
    /** Ended by itself. */
    FAILED
}
