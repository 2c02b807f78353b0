package io.github.mirroredsupervisor.internal.supervision;

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
 * @param restartsInWindow how many restarts of its supervisor lie in the window now
 * @param nextRetry when its delayed restart is due, on this peer's clock; for people
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
        /** Waits for its predecessors in a batch, or its init has not returned. */
        STARTING,
        RUNNING,
        /** Told to stop, not ended. */
        STOPPING,
        /** Told to stop, not ended within its bound. */
        STUCK,
        /** Stuck for so long that it is no longer waited for; its thread may still live. */
        ABANDONED,
        /** To be restarted as soon as a new token is granted. */
        AWAITING_TOKEN,
        /** To be restarted after a delay. */
        DELAYED,
        /** Not running and not to be restarted from here: stopped, or its commanded start failed. */
        DOWN,
        /** A transient child that ended as it should, or one whose init declined. */
        COMPLETED,
        /** Kept from running because it used up the restart intensity. */
        QUARANTINED;

        /** Whether nothing of the child runs or will run from here by itself. */
        public boolean isOver() {
            return this == DOWN || this == COMPLETED || this == QUARANTINED || this == ABANDONED;
        }

        /** Whether a thread of the child may exist that others have to wait for. */
        public boolean isLive() {
            return this == STARTING || this == RUNNING || this == STOPPING || this == STUCK;
        }

        /** Whether it runs, or ends and is not known to be stuck. */
        public boolean isStoppable() {
            return isLive() && this != STUCK;
        }
    }
}
