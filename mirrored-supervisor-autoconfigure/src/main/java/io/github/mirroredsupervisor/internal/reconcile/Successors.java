package io.github.mirroredsupervisor.internal.reconcile;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Protocol rule 9: the peers to which a leaving peer hands its children, by the members as last read. The hand-over
 * itself finds out that a successor is no longer fit: the child then has no owner, and the first member that can run it
 * claims it. Confined to the group's loop.
 */
public final class Successors {

    private List<MemberRow> members = List.of();

    /** Takes the live members other than this peer, the earliest first. */
    public void choose(List<MemberRow> all, PeerId me) {
        members = all.stream()
                .filter(m -> !m.id().equals(me) && m.isFit())
                .sorted(Comparator.comparingLong(MemberRow::joinOrder))
                .toList();
    }

    /**
     * The peer that is to run a child; null if no member is known to be able to. A declared child has a successor too,
     * which starts it by its own definition: see {@link Reconciler}.
     */
    @Nullable
    public PeerId of(ChildSpec spec) {
        return of(List.of(spec));
    }

    /** The peer that is to run all of these children; null if no member is known to be able to. */
    @Nullable
    public PeerId of(List<ChildSpec> together) {
        Set<String> types = together.stream().map(ChildSpec::type).collect(Collectors.toSet());
        return members.stream()
                .filter(m -> m.types().containsAll(types))
                .map(MemberRow::id)
                .findFirst()
                .orElse(null);
    }

    /** Whether a live member will run a child when this peer has handed it over. */
    public boolean isAnyFor(ChildSpec spec) {
        return spec.restart() != RestartType.TEMPORARY && of(spec) != null;
    }
}
