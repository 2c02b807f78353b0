package io.github.mirroredsupervisor.internal.supervision.values;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.LastExit;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the local supervisor knows of one child at one moment. Immutable.
 *
 * @param spec what runs or ran
 * @param order its place in the start order
 * @param status what it is doing
 * @param token the token of its present or last run
 * @param restarts how often it was restarted here
 * @param restartsInWindow how many restarts of all children of the supervisor are in the window now
 * @param nextRetry when its delayed restart is due, on this peer's clock; for display
 * @param lastExit how its last run ended
 */
public record LocalChild(
        ChildSpec spec,
        long order,
        Status status,
        long token,
        int restarts,
        int restartsInWindow,
        @Nullable Instant nextRetry,
        @Nullable LastExit lastExit) {

    public String id() {
        return spec.id();
    }

    /** The states of a child in its local supervisor. */
    public enum Status {
        /** Waits for its turn in a batch, or its init has not returned. */
        STARTING,
        RUNNING,
        /** Told to stop, and not ended yet. */
        STOPPING,
        /** Told to stop, and not ended within its time limit. */
        STUCK,
        /** Stuck for so long that the supervisor no longer waits for it. Its thread may still live. */
        ABANDONED,
        /** To be restarted as soon as a new token is granted. */
        AWAITING_TOKEN,
        /** To be restarted after a delay. */
        DELAYED,
        /** Not running, and this supervisor does not restart it: it was stopped, or its commanded start failed. */
        DOWN,
        /** A transient child that ended normally, or a child whose init declined. */
        COMPLETED,
        /** Not restarted because it used up the restart intensity. */
        QUARANTINED;

        /** Whether the child has ended, and this supervisor will not start it again without a command. */
        public boolean isOver() {
            return this == DOWN || this == COMPLETED || this == QUARANTINED || this == ABANDONED;
        }

        /** Whether the child may have a thread that other children have to wait for. */
        public boolean isLive() {
            return this == STARTING || this == RUNNING || this == STOPPING || this == STUCK;
        }

        /** Whether the child runs, or is stopping and not stuck. */
        public boolean isStoppable() {
            return isLive() && this != STUCK;
        }
    }
}
