package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.ChildRef;

/** A run as its fence sees it. Thread-safe. */
public interface FencedRun {

    /** The values that the child's row must have while this run is the current one. */
    ChildRef ref();

    /**
     * The row has other values: tells the run to end. Called after the refused transaction, so that nothing interrupts
     * its rollback.
     */
    void foundStale();
}
