package io.github.mirroredsupervisor.internal.reconcile;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Claim;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Defer;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Quarantine;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Raise;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Release;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Remove;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Settle;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Start;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Stop;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Try;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.WithdrawMove;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares rows with what runs here, and decides what to do about each difference. Pure: the same rows and context give
 * the same actions. Every action is carried out by compare-and-set, so that acting on outdated rows does no harm.
 *
 * <ol>
 *   <li>A child without a live owner that should run, or whose command is unanswered, is claimed. The earliest live
 *       member that can run it goes first, each other one a step later (protocol rules 5 and 6). A temporary child that
 *       has run is not claimed: it ended with its owner.
 *   <li>A child whose owners die soon after its start is tried on its own, and quarantined when too many owners have
 *       died.
 *   <li>A child of this peer that should not run is stopped. Then its row is settled, which answers the command, or
 *       removed if that was the command.
 *   <li>A child of this peer with a move request is stopped, and then released to the target (rule 8).
 *   <li>A child of this peer whose command is newer than its run is stopped, and then started again.
 *   <li>A child of this peer that should run and does not is started: under the row's token if that is unused,
 *       otherwise under a raised one (rule 7).
 *   <li>A child that runs here although this peer does not own its row is stopped.
 * </ol>
 */
public final class Reconciler {

    /** Protocol rule 6: how much longer each later peer waits before it acts in place of the earlier ones. */
    public static final Duration RANK_STEP = Duration.ofMillis(50);

    private Reconciler() {}

    /** Decides about one row; null if nothing is to be done. */
    public static @Nullable ReconcileAction decide(ChildRow row, ReconcileContext now) {
        if (now.me().equals(row.owner())) {
            return own(row, now);
        }
        LocalChild local = now.local(row);
        if (local != null && (isRunning(local) || isWaiting(local))) {
            return new Stop(row.id(), StopReason.NOT_OWNED);
        }
        return row.isOrphan() ? orphan(row, now) : null;
    }

    /**
     * Decides about one row of a child that this peer may have declared by itself. A run begins with the present
     * owner's definition, and the row says so (semantics row A16). Only a grant writes a definition. So a child that
     * was handed here under another one is granted anew before it starts.
     *
     * @param declared this peer's own definition; null if the row's applies
     */
    public static @Nullable ReconcileAction decide(ChildRow row, @Nullable ChildSpec declared, ReconcileContext now) {
        if (declared == null || declared.equals(row.spec())) {
            return decide(row, now);
        }
        ReconcileAction action = decide(row.definedAs(declared), now);
        return action instanceof Start start ? new Raise(start.row(), start.cause()) : action;
    }

    /** The stops of what runs here although this peer owns no such row; {@code rows} contains all that it owns. */
    public static List<Stop> strays(List<ChildRow> rows, ReconcileContext now) {
        Set<String> own = rows.stream()
                .filter(r -> now.me().equals(r.owner()))
                .map(ChildRow::id)
                .collect(Collectors.toSet());
        List<Stop> stops = new ArrayList<>();
        now.locals().forEach((id, local) -> {
            if (!own.contains(id) && (isRunning(local) || isWaiting(local))) {
                stops.add(new Stop(id, StopReason.NOT_OWNED));
            }
        });
        return stops;
    }

    private static @Nullable ReconcileAction orphan(ChildRow row, ReconcileContext now) {
        boolean neverRun = row.owner() == null && row.phase() == Phase.STARTING;
        if (row.restart() == RestartType.TEMPORARY && !neverRun) {
            return now.mayAct() ? new Remove(row, "a temporary child ends with its owner") : null;
        }
        boolean shouldRun = now.mayStart() && now.knows(row) && row.desired() == DesiredState.RUNNING && !isOver(row);
        if (row.desired() == DesiredState.STOPPED && !row.isAnswered()) {
            return settleOrphan(row, now);
        }
        if (!now.mayAdopt() || !shouldRun) {
            return isToMoveHere(row, now) ? new Claim(row, causeOf(row)) : null;
        }
        int rank = now.rank(row);
        if (now.isPoison(row)) {
            return new Quarantine(row);
        }
        if (now.isSuspect(row)) {
            return new Try(row, rank);
        }
        return rank == 0 ? new Claim(row, causeOf(row)) : new Defer(row, rank);
    }

    /** Any member may do this: it runs nothing, so the member need not know the type. */
    private static @Nullable ReconcileAction settleOrphan(ChildRow row, ReconcileContext now) {
        if (!now.mayAct() || now.members().stream().noneMatch(m -> m.id().equals(now.me()))) {
            return null;
        }
        int rank = ReconcileContext.rank(now.members(), now.me());
        return rank == 0 ? new Claim(row, causeOf(row)) : new Defer(row, rank);
    }

    /** A child that does not run moves as well: a later restart starts it at the target. */
    private static boolean isToMoveHere(ChildRow row, ReconcileContext now) {
        boolean atRest = row.isAnswered() && (row.desired() == DesiredState.STOPPED || isOver(row));
        return atRest && now.mayAdopt() && now.knows(row) && now.me().equals(row.moveTo());
    }

    /**
     * Protocol rule 10: whether to take a child from an owner whose session is gone. All other children of that owner
     * wait for the end of its lease.
     */
    public static boolean mayTakeOver(ChildRow row, ReconcileContext now) {
        return now.mayAdopt()
                && now.knows(row)
                && row.restart() != RestartType.TEMPORARY
                && row.desired() == DesiredState.RUNNING
                && !isOver(row)
                && !now.isSuspect(row);
    }

    public static StartCause causeOf(ChildRow orphan) {
        if (orphan.owner() == null) {
            return orphan.phase() == Phase.ORPHANED ? StartCause.HANDED_OVER : StartCause.STARTED;
        }
        return orphan.ownerState() == PeerState.LEFT ? StartCause.HANDED_OVER : StartCause.FAILED_OVER;
    }

    private static @Nullable ReconcileAction own(ChildRow row, ReconcileContext now) {
        LocalChild local = now.local(row);
        if (local != null && isEnding(local)) {
            return null; // its end is reported, and then compared
        }
        boolean toMove = row.moveTo() != null && !row.moveTo().equals(now.me());
        if (row.desired() == DesiredState.STOPPED) {
            ReconcileAction stop = stopAsDesired(row, local);
            return stop == null && toMove ? move(row, local, now) : stop;
        }
        if (toMove) {
            return move(row, local, now);
        }
        if (!row.isAnswered() && !now.isLaunchedFor(row)) {
            return local != null && (isRunning(local) || isWaiting(local))
                    ? new Stop(row.id(), StopReason.REPLACED)
                    : start(row, now);
        }
        if (local != null && isRunning(local)) {
            // Even if no run may begin with the row's token: the present run has an earlier one.
            return row.token() > local.token() ? new Stop(row.id(), StopReason.REPLACED) : null;
        }
        return notRunning(row, local, now);
    }

    private static @Nullable ReconcileAction notRunning(
            ChildRow row, @Nullable LocalChild local, ReconcileContext now) {
        Status status = local == null ? Status.DOWN : local.status();
        return switch (status) {
            case DELAYED -> null;
            case COMPLETED, QUARANTINED -> over(row, local, now);
            case AWAITING_TOKEN -> now.mayStart() ? restartInPlace(row, now) : null;
            default -> isOver(row) ? null : start(row, now);
        };
    }

    /** A child that is over here stays over, unless its row was granted again since. */
    private static @Nullable ReconcileAction over(ChildRow row, @Nullable LocalChild local, ReconcileContext now) {
        Phase over = local == null ? Phase.COMPLETED : phaseAtRest(local);
        if (row.phase() == over) {
            return null;
        }
        return now.isFresh(row) ? start(row, now) : new Settle(row, over);
    }

    /** Whether nothing but a command starts the child again. */
    private static boolean isOver(ChildRow row) {
        return row.isAnswered() && (row.phase() == Phase.COMPLETED || row.phase() == Phase.QUARANTINED);
    }

    /** The phase in the row of a child that does not run and is not to run again. */
    public static Phase phaseAtRest(LocalChild local) {
        return switch (local.status()) {
            case COMPLETED -> Phase.COMPLETED;
            case QUARANTINED -> Phase.QUARANTINED;
            case ABANDONED -> Phase.STUCK;
            default -> Phase.STOPPED;
        };
    }

    /** A raised token is usable even if the answer to its grant was lost. */
    private static ReconcileAction restartInPlace(ChildRow row, ReconcileContext now) {
        return now.isFresh(row) ? new Start(row, StartCause.RESTARTED) : new Raise(row, StartCause.RESTARTED);
    }

    private static @Nullable ReconcileAction start(ChildRow row, ReconcileContext now) {
        if (!now.mayStart()) {
            return null;
        }
        boolean fresh = now.isFresh(row);
        if (row.restart() == RestartType.TEMPORARY && row.isAnswered() && !fresh) {
            return new Remove(row, "a temporary child is not started again");
        }
        if (!now.knows(row)) {
            return row.spec() == null ? null : new Release(row, null);
        }
        StartCause cause = row.isAnswered() ? fresh ? StartCause.HANDED_OVER : StartCause.RESUMED : StartCause.STARTED;
        return fresh ? new Start(row, cause) : new Raise(row, cause);
    }

    private static @Nullable ReconcileAction stopAsDesired(ChildRow row, @Nullable LocalChild local) {
        if (local != null && (isRunning(local) || isWaiting(local))) {
            return new Stop(row.id(), StopReason.TERMINATED);
        }
        if (row.restart() == RestartType.TEMPORARY || row.command() == Command.REMOVE) {
            return new Remove(row, row.command() == Command.REMOVE ? "removed" : "terminated");
        }
        boolean stuck = local != null && local.status() == Status.ABANDONED;
        Phase stopped = stuck ? Phase.STUCK : Phase.STOPPED;
        return row.isAnswered() && row.phase() == stopped ? null : new Settle(row, stopped);
    }

    private static @Nullable ReconcileAction move(ChildRow row, @Nullable LocalChild local, ReconcileContext now) {
        if (!now.isCandidate(Optional.ofNullable(row.moveTo()).orElse(now.me()), row)) {
            return new WithdrawMove(row);
        }
        if (local != null && (isRunning(local) || isWaiting(local))) {
            return new Stop(row.id(), StopReason.MOVING);
        }
        return new Release(row, row.moveTo());
    }

    private static boolean isRunning(LocalChild local) {
        return local.status() == Status.STARTING || local.status() == Status.RUNNING;
    }

    private static boolean isEnding(LocalChild local) {
        return local.status() == Status.STOPPING || local.status() == Status.STUCK;
    }

    private static boolean isWaiting(LocalChild local) {
        return local.status() == Status.AWAITING_TOKEN || local.status() == Status.DELAYED;
    }
}
