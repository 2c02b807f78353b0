package io.github.mirroredsupervisor.internal.reconcile;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.supervision.TokenLedger;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a peer knows when it compares rows with what runs here.
 *
 * @param me the present incarnation
 * @param mayAct permission valid, not leaving
 * @param terminated whether the group is terminated: nothing may start, but children are still stopped and removed
 * @param members the group's members as read with the rows
 * @param types the types this peer can run
 * @param locals the children that its local supervisor knows, by id
 * @param launched the last launch of each child here
 * @param maxCrashes the number of owner deaths at which a child is quarantined; zero for never
 * @param tokens that a run here used, or that were burnt by sending a hand-over (protocol rules 7 and 8)
 */
public record ReconcileContext(
        PeerId me,
        boolean mayAct,
        boolean terminated,
        List<MemberRow> members,
        Set<String> types,
        Map<String, LocalChild> locals,
        Map<String, Launched> launched,
        int maxCrashes,
        TokenLedger tokens) {

    /**
     * The reason for a launch of a child.
     *
     * @param revision the revision of its row that the launch carries out
     * @param command the command of that revision
     * @param owesAnswer whether the revision was unanswered at the launch
     */
    public record Launched(long revision, ChildRow.Command command, boolean owesAnswer) {

        @Nullable
        public Long answers() {
            return owesAnswer ? revision : null;
        }
    }

    @Nullable
    LocalChild local(ChildRow row) {
        return locals.get(row.id());
    }

    boolean isFresh(ChildRow row) {
        return row.token() > tokens.burnt(row.id());
    }

    boolean isLaunchedFor(ChildRow row) {
        Launched last = launched.get(row.id());
        return last != null && last.revision() >= row.revision();
    }

    boolean knows(ChildRow row) {
        return types.contains(row.type()) && row.spec() != null;
    }

    /** Whether so many owners may have died of the child that it is to be quarantined. */
    boolean isPoison(ChildRow row) {
        return maxCrashes > 0 && row.suspicions() >= maxCrashes;
    }

    boolean isSuspect(ChildRow row) {
        return row.isSuspect(maxCrashes);
    }

    public boolean mayStart() {
        return mayAct && !terminated;
    }

    boolean mayAdopt() {
        return mayAct && members.stream().anyMatch(m -> m.id().equals(me) && !m.cordoned());
    }

    /** Protocol rule 6: how many live members that could take the child joined before this one. */
    int rank(ChildRow row) {
        return rank(members, me, member -> member.canTake(row));
    }

    /** How many live members joined before this one. */
    public static int rank(List<MemberRow> members, PeerId me) {
        return rank(members, me, member -> true);
    }

    private static int rank(List<MemberRow> members, PeerId me, Predicate<MemberRow> couldAct) {
        long mine = members.stream()
                .filter(m -> m.id().equals(me))
                .mapToLong(MemberRow::joinOrder)
                .findFirst()
                .orElse(Long.MAX_VALUE);
        return (int) members.stream()
                .filter(m -> m.state() == PeerState.ALIVE && couldAct.test(m) && m.joinOrder() < mine)
                .count();
    }

    boolean isCandidate(PeerId target, ChildRow row) {
        return members.stream().anyMatch(m -> m.id().equals(target) && m.canTake(row));
    }
}
