package io.github.mirroredsupervisor;

/** What the group wants of a child. It outlives failovers and restarts of peers. */
public enum DesiredState {
    /** The child should run, on whichever peer owns it. */
    RUNNING,
    /** The child was terminated and stays stopped until it is restarted or deleted. */
    STOPPED
}
