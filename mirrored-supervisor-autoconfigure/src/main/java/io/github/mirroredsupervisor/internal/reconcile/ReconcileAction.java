package io.github.mirroredsupervisor.internal.reconcile;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the comparison of a row with what runs calls for. */
public sealed interface ReconcileAction {

    void sortInto(Sorted actions);

    /** Actions by kind: what is to be done about many rows takes as few commands as what is done about one. */
    final class Sorted {

        public final List<Claim> claims = new ArrayList<>();
        public final List<Try> tries = new ArrayList<>();
        public final List<Quarantine> quarantines = new ArrayList<>();
        public final List<Defer> defers = new ArrayList<>();
        public final List<Raise> raises = new ArrayList<>();
        public final List<Start> starts = new ArrayList<>();
        public final List<Stop> stops = new ArrayList<>();
        public final List<Settle> settles = new ArrayList<>();
        public final List<Remove> removals = new ArrayList<>();
        public final List<Release> releases = new ArrayList<>();
        public final List<WithdrawMove> withdrawals = new ArrayList<>();
    }

    /**
     * Make this peer the owner under a new token: compare-and-set on the row as read.
     *
     * @param crashes the unclean deaths of owners that it is to be charged with
     */
    record Claim(ChildRow row, StartCause cause, int crashes) implements ReconcileAction {

        public Claim(ChildRow row, StartCause cause) {
            this(row, cause, row.suspicions());
        }

        @Override
        public void sortInto(Sorted actions) {
            actions.claims.add(this);
        }
    }

    /** As a claim, but it may be what its last owners died of: on its own, and after a while. */
    record Try(ChildRow row, int rank) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.tries.add(this);
        }
    }

    /** Keep it from being claimed: its owners die of it. */
    record Quarantine(ChildRow row) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.quarantines.add(this);
        }
    }

    /** Nobody owns it, but peers that joined earlier go first: look again after so many steps. */
    record Defer(ChildRow row, int rank) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.defers.add(this);
        }
    }

    /** Raise the token of an own child, then start it. */
    record Raise(ChildRow row, StartCause cause) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.raises.add(this);
        }
    }

    /** Start an own child under the row's token, which no run has used. */
    record Start(ChildRow row, StartCause cause) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.starts.add(this);
        }
    }

    record Stop(String childId, StopReason reason) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.stops.add(this);
        }
    }

    /** Write that the child does not run, and answer the command that asked for it. */
    record Settle(ChildRow row, Phase phase) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.settles.add(this);
        }
    }

    record Remove(ChildRow row, String why) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.removals.add(this);
        }
    }

    /** Hand an own child that does not run to the target, or to whoever claims it. */
    record Release(ChildRow row, @Nullable PeerId target) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.releases.add(this);
        }
    }

    /** The wish to move cannot be carried out any more. */
    record WithdrawMove(ChildRow row) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.withdrawals.add(this);
        }
    }
}
