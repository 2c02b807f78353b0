package io.github.mirroredsupervisor.internal.reconcile;

import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Claim;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Try;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides when to claim orphans that may have killed their last owners. They are claimed apart from every other start,
 * so that one more death shows which child caused it: only a young run counts as the cause, so a suspect that starts
 * alone is blamed alone.
 *
 * <p>They are claimed one at a time, or a few at once if there are many, two leases after the set of suspects last
 * changed. If a few together bring down one more process, the cause is still unknown, and none of them is charged. So
 * no innocent child is ever quarantined, but with many suspects one more process may die.
 *
 * <p>Confined to the group's loop.
 */
public final class Probation {

    /** All suspects are tried within this many rounds, however many there are. */
    private static final int MOST_ROUNDS = 16;

    private static final int LEASES_APART = 2;

    private final Duration apart;
    private final int maxCrashes;

    private Set<OwnedToken> waiting = Set.of();
    private long since;

    public Probation(Duration lease, int maxCrashes) {
        this.apart = lease.multipliedBy(LEASES_APART);
        this.maxCrashes = maxCrashes;
    }

    /**
     * Takes all present suspects.
     *
     * @param step how much longer each later peer waits
     * @return how long to wait before the next suspects are due; zero or less if they are due now
     */
    public Duration untilDue(List<Try> suspects, Duration step, long now) {
        Set<OwnedToken> all =
                suspects.stream().map(Try::row).map(OwnedToken::of).collect(Collectors.toSet());
        if (!all.equals(waiting)) {
            waiting = all;
            since = now;
        }
        int rank = suspects.stream().mapToInt(Try::rank).min().orElse(0);
        return apart.plus(step.multipliedBy(rank)).minusNanos(now - since);
    }

    /** The claims that are due, the least suspected first. */
    public List<Claim> next(List<Try> suspects) {
        int count = (suspects.size() + MOST_ROUNDS - 1) / MOST_ROUNDS;
        return suspects.stream()
                .sorted(Comparator.comparingInt(Try::rank)
                        .thenComparing(one -> one.row().suspicions())
                        .thenComparing(one -> one.row().order())
                        .thenComparing(one -> one.row().id()))
                .limit(count)
                .map(one -> claim(one.row(), count == 1))
                .toList();
    }

    private Claim claim(ChildRow row, boolean alone) {
        int crashes = alone ? row.suspicions() : Math.min(row.suspicions(), maxCrashes - 2);
        return new Claim(row, Reconciler.causeOf(row), crashes);
    }
}
