package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.internal.context.Confinement;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.Timers;
import io.github.mirroredsupervisor.internal.ownership.InitialChildren;
import io.github.mirroredsupervisor.internal.ownership.Outbox;
import io.github.mirroredsupervisor.internal.ownership.OwnershipClaims;
import io.github.mirroredsupervisor.internal.reconcile.FailedStarts;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileContext.Launched;
import io.github.mirroredsupervisor.internal.reconcile.Successors;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a member knows about its group and still has to do. The local supervisor keeps the children themselves. Confined
 * to the group's loop.
 */
final class GroupState {

    final GroupDefinition definition;
    final LocalSupervisor local;
    final Timers timers;

    private final Confinement confinement;

    final Outbox outbox;
    final OwnershipClaims claims;
    final PendingCalls calls;
    final InitialChildren initialChildren;
    final FailedStarts failedStarts = new FailedStarts();
    final Successors successors = new Successors();
    final GroupTermination termination;

    /** The last launch of each child. */
    final Map<String, Launched> launched = new HashMap<>();

    /** The flags last read from the group's row, for restoring the row if it is lost. */
    Flags flags;

    /** The members at the last full comparison. Other threads read this field. */
    volatile List<MemberRow> members = List.of();

    /** The revision of the group's row at the last full comparison; -1 if not all of its actions were carried out. */
    long revision = -1;

    /** Of the rows at the last full comparison, if there was nothing to do; null if that is not known. */
    @Nullable
    String digest;

    /** The rows for a comparison could not be read: everything is compared at the next renewal. */
    boolean owed;

    private final Set<String> toCompare = new LinkedHashSet<>();

    /** When the outbox is to be written; null if no write is due. */
    private @Nullable Long writeAt;

    /** When the first child stopped whose hand-over now waits for other children. */
    private long heldSince;

    GroupState(
            GroupDefinition definition,
            LocalSupervisor local,
            Confinement confinement,
            Timers timers,
            Outbox outbox,
            OwnershipClaims claims,
            PendingCalls calls,
            GroupTermination termination) {
        this.definition = definition;
        this.local = local;
        this.confinement = confinement;
        this.timers = timers;
        this.outbox = outbox;
        this.claims = claims;
        this.calls = calls;
        this.termination = termination;
        this.initialChildren = new InitialChildren(definition);
        this.flags = Flags.of(definition.settings());
    }

    String group() {
        return definition.settings().name();
    }

    /** The revision that a report of the child answers; null if it answers none. */
    @Nullable
    Long owedAnswer(String childId) {
        assert confinement.holds();
        Launched last = launched.get(childId);
        return last == null ? null : last.answers();
    }

    /** The child's row is read and compared at the end of this step. */
    void compare(String childId) {
        assert confinement.holds();
        toCompare.add(childId);
    }

    boolean isComparing() {
        return !toCompare.isEmpty();
    }

    /** Removes and returns the ids of the children whose rows are to be compared now. */
    Set<String> takeToCompare() {
        assert confinement.holds();
        Set<String> ids = Set.copyOf(toCompare);
        toCompare.clear();
        return ids;
    }

    void writeAtOnce() {
        assert confinement.holds();
        writeAt = timers.now();
    }

    void writeWithin(Duration time) {
        assert confinement.holds();
        long at = timers.now() + time.toNanos();
        if (writeAt == null || at - writeAt < 0) {
            writeAt = at;
            timers.wakeAfter(time);
        }
    }

    boolean isToWrite() {
        return writeAt != null && writeAt - timers.now() <= 0;
    }

    void writing() {
        writeAt = null;
    }

    /** Holds a child back, to hand it over together with others. */
    void hold(LocalChild child) {
        assert confinement.holds();
        if (!outbox.isHolding()) {
            heldSince = timers.now();
        }
        outbox.hold(child);
    }

    /**
     * Children that depend on each other are stopped in reverse order. Handed over one by one, they would start
     * elsewhere in reverse order. So they wait for each other, but not for a stuck child, and no longer than a lease,
     * which is how long the other peers would wait if this process had died.
     */
    void releaseHeld(boolean allStopped, Duration lease) {
        if (outbox.isHolding() && (allStopped || timers.now() - heldSince >= lease.toNanos())) {
            List<ChildSpec> together = local.children(outbox.held()).values().stream()
                    .map(LocalChild::spec)
                    .toList();
            outbox.releaseHeld(successors.of(together));
            writeAtOnce();
        }
    }

    /** Clears the state of this incarnation: the next one owns none of its children. */
    void expelled() {
        assert confinement.holds();
        outbox.clear();
        launched.clear();
        toCompare.clear();
        revision = -1;
        digest = null;
    }
}
