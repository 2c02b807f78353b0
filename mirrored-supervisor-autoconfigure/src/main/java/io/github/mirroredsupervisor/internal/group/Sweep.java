package io.github.mirroredsupervisor.internal.group;

/** What a group compares at a renewal that shows no change of it (protocol rule 5b). */
public enum Sweep {
    NONE,

    /** Everything, if the digest of the rows has changed: rows may be edited by hand. */
    IF_CHANGED,

    /** Everything. */
    FULL
}
