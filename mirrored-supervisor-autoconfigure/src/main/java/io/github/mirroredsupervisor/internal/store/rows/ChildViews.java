package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildKind;
import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.GroupInfo;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.PeerInfo;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.Phase;
import org.jspecify.annotations.Nullable;

/** Converts rows to the views that callers and operators see. Pure. */
public final class ChildViews {

    private ChildViews() {}

    public static ChildInfo childInfo(ChildRow row) {
        return new ChildInfo(
                row.id(),
                row.type(),
                row.spec() == null ? ChildKind.WORKER : row.spec().kind(),
                phase(row),
                row.desired(),
                row.ownerRef(),
                row.token(),
                row.since(),
                row.restarts(),
                row.restartsInWindow(),
                row.nextRetry(),
                row.lastExit(),
                row.restart(),
                reason(row));
    }

    public static GroupInfo groupInfo(GroupRow row) {
        GroupRow.Death death = row.death();
        return death == null
                ? new GroupInfo(row.name(), GroupInfo.State.ACTIVE, null, null)
                : new GroupInfo(row.name(), GroupInfo.State.TERMINATED, death.reason(), death.at());
    }

    private static @Nullable String reason(ChildRow row) {
        LastExit exit = row.lastExit();
        if (row.phase() == Phase.COMPLETED && exit != null && exit.kind() == LastExit.Kind.IGNORED) {
            return "its init declined the start";
        }
        if (row.phase() == Phase.QUARANTINED) {
            return row.failure();
        }
        return row.isOrphan() && row.suspicions() > 0
                ? "its owners died within a lease of its start, " + row.suspicions() + " in a row"
                : null;
    }

    /** The displayed phase of the child. Every state is visible (semantics row B25). */
    public static Phase phase(ChildRow row) {
        if (isAtRest(row)) {
            return row.phase();
        }
        if (row.isOrphan()) {
            return isUnplaceable(row) ? Phase.UNPLACEABLE : Phase.ORPHANED;
        }
        if (row.spec() == null && row.phase() == Phase.STARTING) {
            return Phase.UNPLACEABLE; // its owner cannot read the spec either
        }
        return row.desired() == DesiredState.STOPPED && row.phase() == Phase.RUNNING ? Phase.STOPPING : row.phase();
    }

    /** Whether the child has no live owner, and no live member can take it. */
    public static boolean isUnplaceable(ChildRow row) {
        return row.isOrphan() && !(row.placeable() && row.spec() != null);
    }

    /** Whether the child does not run under its token, and only a command starts it again. */
    public static boolean isAtRest(ChildRow row) {
        return row.phase() == Phase.COMPLETED
                || row.phase() == Phase.QUARANTINED
                || (row.desired() == DesiredState.STOPPED && row.isAnswered());
    }

    public static PeerInfo peerInfo(MemberRow member) {
        PeerRef ref = member.ref();
        return new PeerInfo(
                ref.id(),
                ref.label(),
                ref.host(),
                ref.pid(),
                member.state(),
                member.cordoned(),
                member.joinOrder(),
                member.lastRenewedAt(),
                member.types().stream().sorted().toList(),
                member.children());
    }

    /** The run that the row describes. */
    public static ChildRef ref(String group, ChildRow row) {
        PeerRef owner = row.ownerRef();
        if (owner == null) {
            throw new IllegalArgumentException("child '" + row.id() + "' has no owner");
        }
        return new ChildRef(group, row.id(), row.token(), owner);
    }
}
