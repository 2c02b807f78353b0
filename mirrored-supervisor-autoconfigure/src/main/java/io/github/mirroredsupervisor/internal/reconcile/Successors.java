package io.github.mirroredsupervisor.internal.reconcile;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Protocol rule 9: the peers to which a leaving peer hands its children, as read before the first child is stopped. A
 * successor that is gone by the hand-over costs time but not safety: the children it was handed are orphans like any
 * other. Confined to the group's loop.
 */
public final class Successors {

    private final Set<String> staticIds;
    private List<MemberRow> members = List.of();

    public Successors(Set<String> staticIds) {
        this.staticIds = staticIds;
    }

    /** Takes the live members other than this peer, the earliest first. */
    public void choose(List<MemberRow> all, PeerId me) {
        members = all.stream()
                .filter(m -> !m.id().equals(me) && m.isFit())
                .sorted(Comparator.comparingLong(MemberRow::joinOrder))
                .toList();
    }

    /**
     * The peer that is to run a child; null for the first peer that claims it. A static child is claimed, as a claim
     * applies its next owner's definition.
     */
    @Nullable
    public PeerId of(ChildSpec spec) {
        return staticIds.contains(spec.id()) ? null : first(spec);
    }

    /** Whether a live member will run a child when this peer has handed it over. */
    public boolean isAnyFor(ChildSpec spec) {
        return spec.restart() != RestartType.TEMPORARY && first(spec) != null;
    }

    private @Nullable PeerId first(ChildSpec spec) {
        return members.stream()
                .filter(m -> m.types().contains(spec.type()))
                .map(MemberRow::id)
                .findFirst()
                .orElse(null);
    }
}
