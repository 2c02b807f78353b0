package io.github.mirroredsupervisor.internal.ownership;

import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.context.Timers;
import io.github.mirroredsupervisor.internal.reconcile.Probation;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Claim;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Defer;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Try;
import io.github.mirroredsupervisor.internal.reconcile.Reconciler;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to claim orphans that this peer may not claim at once: in its turn, or on probation. Confined to the
 * group's loop.
 */
public final class AdoptionSchedule {

    private final PeerContext peer;
    private final Timers timers;
    private final Probation suspects;
    private final Map<OwnedToken, Long> deferred = new HashMap<>();

    /** When to make the next full comparison for a claim; null if there is none to wait for. */
    private @Nullable Long lookAgainAt;

    /** A schedule without orphans. */
    public AdoptionSchedule(PeerContext peer, Timers timers) {
        this.peer = peer;
        this.timers = timers;
        this.suspects = new Probation(peer.settings().lease(), peer.settings().maxCrashes());
    }

    public void clear() {
        deferred.clear();
    }

    /** Forgets children that are no longer orphans. */
    public void retain(List<ChildRow> rows) {
        Set<OwnedToken> left =
                rows.stream().filter(ChildRow::isOrphan).map(OwnedToken::of).collect(Collectors.toSet());
        deferred.keySet().retainAll(left);
    }

    /** Returns the claims that are due. The others need a full comparison later, see {@link #takeLookAgain}. */
    public List<Claim> due(Collection<Defer> defers, List<Try> tries) {
        List<Claim> claims = new ArrayList<>();
        long now = peer.machine().nanoTime();
        for (Defer defer : defers) {
            long since = deferred.computeIfAbsent(OwnedToken.of(defer.row()), row -> now);
            if (isDue(Reconciler.RANK_STEP.multipliedBy(defer.rank()).minusNanos(now - since))) {
                claims.add(new Claim(defer.row(), Reconciler.causeOf(defer.row())));
            }
        }
        if (!tries.isEmpty() && isDue(suspects.untilDue(tries, Reconciler.RANK_STEP, now))) {
            claims.addAll(suspects.next(tries));
        }
        return claims;
    }

    private boolean isDue(Duration left) {
        boolean due = left.isNegative() || left.isZero();
        if (!due && lookAgainAt == null) {
            lookAgainAt = timers.now() + left.toNanos();
            timers.wakeAfter(left);
        }
        return due;
    }

    /** Whether a full comparison is due now, as a claim is; true once. */
    public boolean takeLookAgain() {
        boolean due = lookAgainAt != null && lookAgainAt - timers.now() <= 0;
        if (due) {
            lookAgainAt = null;
        }
        return due;
    }
}
