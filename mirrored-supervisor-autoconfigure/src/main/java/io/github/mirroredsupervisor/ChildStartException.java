package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * The child's start failed on its owner. The message contains the owner's text; the cause is set only if the owner is
 * this peer.
 */
public final class ChildStartException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    private final String group;

    private final @Nullable String childId;

    /**
     * Creates the exception.
     *
     * @param group its group
     * @param childId its id; null if several children were started and the failed one is not known
     * @param message what happened
     * @param cause what the child threw, or a printable substitute if that cannot be printed
     */
    public ChildStartException(String group, @Nullable String childId, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.group = group;
        this.childId = childId;
    }

    /** The group of the child. */
    public String group() {
        return group;
    }

    /** The child that did not start; null if that is not known. */
    public @Nullable String childId() {
        return childId;
    }
}
