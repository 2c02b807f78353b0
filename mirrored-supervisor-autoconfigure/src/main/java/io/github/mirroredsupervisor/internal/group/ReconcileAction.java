package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import org.jspecify.annotations.Nullable;

/** What the comparison of a row with what runs calls for. */
sealed interface ReconcileAction {

    /**
     * Make this peer the owner under a new token: compare-and-set on the row as read.
     *
     * @param crashes the unclean deaths of owners that it is to be charged with
     */
    record Claim(ChildRow row, StartCause cause, int crashes) implements ReconcileAction {

        Claim(ChildRow row, StartCause cause) {
            this(row, cause, row.suspicions());
        }
    }

    /** As a claim, but it may be what its last owners died of: on its own, and after a while. */
    record Try(ChildRow row, int rank) implements ReconcileAction {}

    /** Keep it from being claimed: its owners die of it. */
    record Quarantine(ChildRow row) implements ReconcileAction {}

    /** Nobody owns it, but peers that joined earlier go first: look again after so many steps. */
    record Defer(ChildRow row, int rank) implements ReconcileAction {}

    /** Raise the token of an own child, then start it. */
    record Raise(ChildRow row, StartCause cause) implements ReconcileAction {}

    /** Start an own child under the row's token, which no run has used. */
    record Start(ChildRow row, StartCause cause) implements ReconcileAction {}

    record Stop(String childId, StopReason reason) implements ReconcileAction {}

    /** Write that the child does not run, and answer the command that asked for it. */
    record Settle(ChildRow row, Phase phase) implements ReconcileAction {}

    record Remove(ChildRow row, String why) implements ReconcileAction {}

    /** Hand an own child that does not run to the target, or to whoever claims it. */
    record Release(ChildRow row, @Nullable PeerId target) implements ReconcileAction {}

    /** The wish to move cannot be carried out any more. */
    record WithdrawMove(ChildRow row) implements ReconcileAction {}
}
