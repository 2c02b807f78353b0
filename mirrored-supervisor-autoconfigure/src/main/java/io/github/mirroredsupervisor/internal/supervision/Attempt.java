package io.github.mirroredsupervisor.internal.supervision;

/** On whose account a start is tried. It decides what a failure of the start means. */
public enum Attempt {
    /** Somebody waits for the outcome: a failure ends it. */
    COMMANDED,
    /**
     * The first start of a child that should run (declared, adopted or resumed): retried with delay, never counted (row
     * B42).
     */
    FIRST,
    /**
     * One of those that the supervisor begins with, all or none: a failure ends it, and nothing that waits is started
     * after it (row A12).
     */
    INITIAL,
    /** A restart in place: a failure is one more restart (rows A26, A37, A38). */
    RESTART
}
