package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.internal.reconcile.FailedStarts;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileContext.Launched;
import io.github.mirroredsupervisor.internal.reconcile.Successors;
import io.github.mirroredsupervisor.internal.store.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.store.MemberRow;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a member knows of its group and has still to do. Its children themselves are the local supervisor's. Confined to
 * the group's loop.
 */
final class GroupState {

    final GroupDefinition definition;
    final boolean oneForOne;
    final Timers timers;

    private final Confinement confinement;

    /** The local supervisor: what is told to it is done when the event in hand is carried out. */
    final Consumer<Event> supervisor;

    final Outbox outbox;
    final OwnershipClaims claims;
    final PendingCalls calls;
    final InitialChildren initialChildren;
    final FailedStarts failedStarts = new FailedStarts();
    final Successors successors;
    final GroupTermination termination;

    /** What each child was launched for last. */
    final Map<String, Launched> launched = new HashMap<>();

    /** As the group's row had them last, to write it again with. */
    Flags flags;

    /** At the last full comparison. Other threads read it. */
    volatile List<MemberRow> members = List.of();

    /** Of the group's row at the last full comparison; -1 if not all of that was carried out. */
    long revision = -1;

    /** A comparison was not answered: everything is compared with the next renewal. */
    boolean owed;

    private final Function<String, @Nullable LocalChild> local;
    private final Set<String> toCompare = new LinkedHashSet<>();

    /** When the outbox is to be written; null if nothing waits for that. */
    private @Nullable Long writeAt;

    /** When the first child was stopped that waits for others before it is handed over. */
    private long heldSince;

    GroupState(
            GroupDefinition definition,
            boolean oneForOne,
            Confinement confinement,
            Timers timers,
            Outbox outbox,
            OwnershipClaims claims,
            PendingCalls calls,
            GroupTermination termination,
            Consumer<Event> supervisor,
            Function<String, @Nullable LocalChild> local) {
        this.definition = definition;
        this.oneForOne = oneForOne;
        this.confinement = confinement;
        this.timers = timers;
        this.outbox = outbox;
        this.claims = claims;
        this.calls = calls;
        this.termination = termination;
        this.supervisor = supervisor;
        this.local = local;
        this.initialChildren = new InitialChildren(definition);
        this.successors = new Successors(
                definition.staticChildren().stream().map(ChildSpec::id).collect(Collectors.toSet()));
        this.flags = Flags.of(definition.settings());
    }

    String group() {
        return definition.settings().name();
    }

    @Nullable
    LocalChild local(String childId) {
        return local.apply(childId);
    }

    /** The revision that a report of the child answers; null for none. */
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

    /** Those whose rows are to be compared now. */
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
            timers.after(time, () -> {}); // the step looks
        }
    }

    boolean isToWrite() {
        return writeAt != null && writeAt - timers.now() <= 0;
    }

    void writing() {
        writeAt = null;
    }

    /** A child that is handed over together with others. */
    void hold(LocalChild child) {
        assert confinement.holds();
        if (!outbox.isHolding()) {
            heldSince = timers.now();
        }
        outbox.hold(child);
    }

    /**
     * Children that depend on each other are stopped in reverse order; handed over one by one, they would start
     * elsewhere in reverse order. So they wait for each other, but not for one that is stuck, and no longer than it
     * would take if this process had died.
     */
    void releaseHeld(boolean allStopped, Duration lease) {
        if (outbox.isHolding() && (allStopped || timers.now() - heldSince >= lease.toNanos())) {
            outbox.releaseHeld();
            writeAtOnce();
        }
    }

    /** The next incarnation owns none of what this one did. */
    void expelled() {
        assert confinement.holds();
        outbox.clear();
        launched.clear();
        toCompare.clear();
        revision = -1;
    }
}
