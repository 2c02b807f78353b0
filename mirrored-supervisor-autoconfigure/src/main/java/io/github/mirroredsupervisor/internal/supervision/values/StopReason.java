package io.github.mirroredsupervisor.internal.supervision.values;

/** Why a child is told to end. */
public enum StopReason {
    /** A command terminated it. */
    TERMINATED,
    /** Its spec was replaced, or a command restarts it. */
    REPLACED,
    /** This peer leaves. */
    LEAVING,
    /** It moves to another peer. */
    MOVING,
    /** Its row is gone, or names another owner. */
    NOT_OWNED,
    /** The peer's permission ended, or the peer was declared dead. */
    PERMISSION_LOST,
    /** The group is terminated. */
    GROUP_TERMINATED,
    /** The strategy cycles it because of a sibling. */
    SIBLING,
    /** It made no progress in time: its end counts as a crash. */
    HUNG
}
