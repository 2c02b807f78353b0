package io.github.mirroredsupervisor;

/** The result of a call that starts a child (semantics rows A13–A16, B13). */
public sealed interface StartResult {

    /** The child runs, and this call started it. */
    record Started(ChildRef child) implements StartResult {}

    /** The child runs already, here or on another peer. The spec of this call was not used. */
    record AlreadyStarted(ChildRef child) implements StartResult {}

    /** The child exists and does not run now: stopped, completed or waiting for its restart. Nothing was changed. */
    record AlreadyPresent(String childId) implements StartResult {}

    /** Its init declined with {@link ChildExit#ignore()}: the child exists (unless temporary) and does not run. */
    record Ignored(String childId) implements StartResult {}
}
