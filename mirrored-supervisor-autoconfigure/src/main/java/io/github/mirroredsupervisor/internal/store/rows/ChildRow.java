package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A child's row, as one query read it.
 *
 * @param id the child's id in the group
 * @param spec null if the stored spec cannot be read; then {@code specError} is the reason
 * @param type the type's name, also when the spec cannot be read
 * @param restart the restart type, also when the spec cannot be read
 * @param order the start order: static children by their declared place, dynamic ones after them by creation
 * @param isStatic whether members declared it; false if a call created it
 * @param desired the state that the group wants
 * @param phase the phase that the owner reported last; {@link Phase#STARTING} from a grant to the first report
 * @param owner the owning peer, null if released
 * @param ownerRef the owner's row, null if there is none
 * @param ownerState null if there is no such row
 * @param token the last token granted
 * @param placeable whether it has a live owner, or a live, uncordoned member knows its type
 * @param revision increases with every command
 * @param answered the last revision that the owner carried out
 * @param command what the last command was
 * @param failure why the last answered command failed, if it did
 * @param moveTo the target peer of a requested move; null for none
 * @param since when the phase was entered, on the database's clock
 * @param inPhase how long ago that was, on the same clock; for display
 * @param restarts restarts since the owner took the child
 * @param restartsInWindow restarts in its supervisor's window as of the last report
 * @param nextRetry when the delayed restart is due
 * @param lastExit how its last run ended
 * @param suspicions how many owners in a row died soon after the child's start, including the current one if it turns
 *     out to be dead. Only for finding harmful children: no rule of safety uses it
 */
public record ChildRow(
        String id,
        @Nullable ChildSpec spec,
        @Nullable String specError,
        String type,
        RestartType restart,
        long order,
        boolean isStatic,
        DesiredState desired,
        Phase phase,
        @Nullable PeerId owner,
        @Nullable PeerRef ownerRef,
        @Nullable PeerState ownerState,
        long token,
        boolean placeable,
        long revision,
        long answered,
        Command command,
        @Nullable String failure,
        @Nullable PeerId moveTo,
        Instant since,
        Duration inPhase,
        int restarts,
        int restartsInWindow,
        @Nullable Instant nextRetry,
        @Nullable LastExit lastExit,
        int suspicions) {

    /** What a revision requested. It decides what happens to the row when the start fails. */
    public enum Command {
        /** Start a new child: a failed start removes the row (semantics row B29). */
        START,
        /** Restart it: a failed start leaves it stopped (semantics row A44). */
        RESTART,
        /** Stop it. */
        TERMINATE,
        /** Stop it and remove its row. */
        REMOVE,
        /** Declared by its members: a failed start is retried with a delay. */
        DECLARE
    }

    /** Protocol rule 5: whether it has no owner that is ALIVE. */
    public boolean isOrphan() {
        return owner == null || ownerState != PeerState.ALIVE;
    }

    /**
     * Whether one more death of an owner would reach the limit. Then the child is started apart from others, so that
     * the cause of a death is known. Zero means no limit.
     */
    public boolean isSuspect(int maxCrashes) {
        return maxCrashes > 0 && suspicions >= maxCrashes - 1;
    }

    public boolean isAnswered() {
        return answered >= revision;
    }

    /** The row as it is after a grant to {@code me}. */
    public ChildRow grantedTo(PeerId me, PeerRef ref, long newToken) {
        return with(spec, specError, type, restart, me, ref, PeerState.ALIVE, newToken);
    }

    /** The row with this peer's declared definition instead of the stored one. */
    public ChildRow definedAs(ChildSpec definition) {
        return with(definition, null, definition.type(), definition.restart(), owner, ownerRef, ownerState, token);
    }

    private ChildRow with(
            @Nullable ChildSpec newSpec,
            @Nullable String newSpecError,
            String newType,
            RestartType newRestart,
            @Nullable PeerId newOwner,
            @Nullable PeerRef newOwnerRef,
            @Nullable PeerState newOwnerState,
            long newToken) {
        return new ChildRow(
                id,
                newSpec,
                newSpecError,
                newType,
                newRestart,
                order,
                isStatic,
                desired,
                phase,
                newOwner,
                newOwnerRef,
                newOwnerState,
                newToken,
                placeable,
                revision,
                answered,
                command,
                failure,
                moveTo,
                since,
                inPhase,
                restarts,
                restartsInWindow,
                nextRetry,
                lastExit,
                suspicions);
    }
}
