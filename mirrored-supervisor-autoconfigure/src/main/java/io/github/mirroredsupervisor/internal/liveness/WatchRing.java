package io.github.mirroredsupervisor.internal.liveness;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides which peer watches which session (protocol rule 10). The peers form a ring in the order of joining. Each peer
 * looks at the nearest one before it that holds a lock and owns immediate children that it could take itself, and
 * watches that owner if it is one of the first two that could do so. The first one acts at once; the second one acts a
 * step later, for the case that the first died with the owner. All others are not woken. Pure. The lease covers the
 * remaining cases, such as an owner that dies together with both watchers.
 */
final class WatchRing {

    /** How many peers wait for the end of one owner's session. */
    private static final int WATCHERS = 2;

    private WatchRing() {}

    /**
     * The peer to watch.
     *
     * @param groups the members of each group of this peer, as last read
     * @param locks the peers that hold locks
     */
    static Optional<PeerId> watched(PeerId me, Collection<List<MemberRow>> groups, Set<PeerId> locks) {
        TreeMap<Long, PeerId> owners = new TreeMap<>();
        long mine = 0;
        for (List<MemberRow> members : groups) {
            MemberRow self = find(me, members);
            if (self == null || !self.isFit()) {
                continue;
            }
            mine = self.joinOrder();
            members.stream()
                    .filter(other -> locks.contains(other.id()) && couldTakeFrom(other, self))
                    .forEach(other -> owners.put(other.joinOrder(), other.id()));
        }
        Map.Entry<Long, PeerId> nearest = owners.lowerEntry(mine);
        return Optional.ofNullable(nearest == null ? owners.lastEntry() : nearest)
                .map(Map.Entry::getValue)
                .filter(owner -> groups.stream()
                        .anyMatch(members -> rank(me, owner, members, locks)
                                .filter(rank -> rank < WATCHERS)
                                .isPresent()));
    }

    /**
     * How many watchers of a lost peer act before this peer; empty if this peer has nothing to take.
     *
     * @param members the members of one group
     * @param locks the peers that hold locks, and so take part
     */
    static Optional<Integer> rank(PeerId me, PeerId lost, List<MemberRow> members, Set<PeerId> locks) {
        MemberRow self = find(me, members);
        MemberRow owner = find(lost, members);
        if (self == null || owner == null || !self.isFit() || !couldTakeFrom(owner, self)) {
            return Optional.empty();
        }
        Comparator<MemberRow> nearestFirst = Comparator.comparing((MemberRow m) -> m.joinOrder() < owner.joinOrder())
                .thenComparing(MemberRow::joinOrder);
        return Optional.of((int) members.stream()
                .filter(m -> locks.contains(m.id()) && m.isFit() && couldTakeFrom(owner, m))
                .filter(m -> nearestFirst.compare(m, self) < 0)
                .count());
    }

    private static boolean couldTakeFrom(MemberRow owner, MemberRow taker) {
        return !owner.id().equals(taker.id()) && !Collections.disjoint(owner.immediate(), taker.types());
    }

    private static @Nullable MemberRow find(PeerId id, List<MemberRow> members) {
        for (MemberRow member : members) { // a plain loop, as this runs with every renewal
            if (member.id().equals(id)) {
                return member;
            }
        }
        return null;
    }
}
