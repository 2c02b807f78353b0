package io.github.mirroredsupervisor.internal.reconcile;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An action that follows from the comparison of a row with what runs here. */
public sealed interface ReconcileAction {

    void sortInto(Sorted actions);

    /** Actions by kind, so that many rows take as few commands as one. */
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

        public boolean isEmpty() {
            return Stream.of(
                            claims,
                            tries,
                            quarantines,
                            defers,
                            raises,
                            starts,
                            stops,
                            settles,
                            removals,
                            releases,
                            withdrawals)
                    .allMatch(List::isEmpty);
        }
    }

    /**
     * Make this peer the owner under a new token: compare-and-set on the row as read.
     *
     * @param crashes the number of unclean owner deaths that the child is charged with
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

    /** Like a claim, for a child that may have killed its last owners: made on its own, and after a while. */
    record Try(ChildRow row, int rank) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.tries.add(this);
        }
    }

    /** Keep the child from being claimed: its owners die of it. */
    record Quarantine(ChildRow row) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.quarantines.add(this);
        }
    }

    /** The child has no owner, but peers that joined earlier go first: look again after {@code rank} steps. */
    record Defer(ChildRow row, int rank) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.defers.add(this);
        }
    }

    /** Raise the token of a child of this peer, then start it. */
    record Raise(ChildRow row, StartCause cause) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.raises.add(this);
        }
    }

    /** Start a child of this peer under the row's token, which no run has used. */
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

    /** Write that the child does not run, and answer the command that requested it. */
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

    /** Hand over a child of this peer that does not run: to the target, or to the first peer that claims it. */
    record Release(ChildRow row, @Nullable PeerId target) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.releases.add(this);
        }
    }

    /** Withdraw a move request that cannot be carried out any more. */
    record WithdrawMove(ChildRow row) implements ReconcileAction {
        @Override
        public void sortInto(Sorted actions) {
            actions.withdrawals.add(this);
        }
    }
}
