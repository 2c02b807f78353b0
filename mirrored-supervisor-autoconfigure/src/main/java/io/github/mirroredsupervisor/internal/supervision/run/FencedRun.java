package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.ChildRef;

/** A run as its fence sees it. Thread-safe. */
public interface FencedRun {

    /** What the child's row has to say for the run to be the present one. */
    ChildRef ref();

    /**
     * The row says otherwise: the run ends here. Called when the refused transaction is over, so that nothing
     * interrupts its rollback.
     */
    void foundStale();
}
