package io.github.mirroredsupervisor.internal.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Protocol rule 10: which peer watches which, and which acts first. */
class WatchRingTests {

    private final List<MemberRow> members = new ArrayList<>();
    private final Set<PeerId> locks = new HashSet<>();

    /** A member that joined after the others, with the types of its immediate children. */
    private PeerId member(String... immediate) {
        return member(PeerState.ALIVE, false, Set.of("t"), immediate);
    }

    private PeerId member(PeerState state, boolean cordoned, Set<String> types, String... immediate) {
        PeerId id = PeerId.random();
        members.add(new MemberRow(
                id,
                new PeerRef(id, "l", "h", 1),
                state,
                cordoned,
                members.size() + 1L,
                Instant.EPOCH,
                types,
                0,
                Set.of(immediate)));
        locks.add(id);
        return id;
    }

    private PeerId watchedBy(PeerId me) {
        return WatchRing.watched(me, List.of(members), locks).orElse(null);
    }

    @Test
    void nobodyIsWatchedWithoutImmediateChildren() {
        PeerId a = member();
        PeerId b = member();
        assertThat(watchedBy(a)).isNull();
        assertThat(watchedBy(b)).isNull();
    }

    @Test
    void aSingleOwnerIsWatchedByTheTwoNearestBehindIt() {
        PeerId a = member();
        PeerId owner = member("t");
        PeerId c = member();
        PeerId d = member();

        assertThat(watchedBy(c)).isEqualTo(owner);
        assertThat(watchedBy(d)).isEqualTo(owner);
        assertThat(watchedBy(a)).isNull();
        assertThat(watchedBy(owner)).isNull();
        assertThat(rank(c, owner)).isZero();
        assertThat(rank(d, owner)).isEqualTo(1);
        assertThat(rank(a, owner)).isEqualTo(2);
    }

    @Test
    void whoComesTooLateInOneGroupWatchesTheOwnerForAnother() {
        PeerId owner = member("t");
        member();
        member();
        PeerId me = member();
        List<MemberRow> other = members.stream()
                .filter(m -> m.id().equals(owner) || m.id().equals(me))
                .toList();

        assertThat(WatchRing.watched(me, List.of(members), locks)).isEmpty();
        assertThat(WatchRing.watched(me, List.of(members, other), locks)).hasValue(owner);
    }

    @Test
    void ownersWatchEachOtherInARing() {
        PeerId a = member("t");
        PeerId b = member("t");
        PeerId c = member("t");

        assertThat(watchedBy(b)).isEqualTo(a);
        assertThat(watchedBy(c)).isEqualTo(b);
        assertThat(watchedBy(a)).isEqualTo(c);
        assertThat(rank(a, c)).isZero();
    }

    @Test
    void peersThatHoldNoLockAreNeitherWatchedNorWaitedFor() {
        PeerId a = member("t");
        PeerId b = member("t");
        PeerId c = member();
        locks.remove(b);

        assertThat(watchedBy(c)).isEqualTo(a);
        assertThat(rank(c, a)).isZero();
    }

    @Test
    void onlyWhoCouldTakeAChildWatchesItsOwner() {
        PeerId owner = member("t");
        PeerId other = member(PeerState.ALIVE, false, Set.of("u"));
        PeerId cordoned = member(PeerState.ALIVE, true, Set.of("t"));
        PeerId dead = member(PeerState.DEAD, false, Set.of("t"));
        PeerId able = member();

        assertThat(watchedBy(other)).isNull();
        assertThat(watchedBy(cordoned)).isNull();
        assertThat(watchedBy(able)).isEqualTo(owner);
        assertThat(rank(able, owner)).isZero();
        assertThat(WatchRing.rank(other, owner, members, locks)).isEmpty();
        assertThat(WatchRing.rank(dead, owner, members, locks)).isEmpty();
        assertThat(WatchRing.rank(able, cordoned, members, locks)).isEmpty();
    }

    @Test
    void theNearestOwnerOfAllGroupsIsWatched() {
        PeerId a = member("t");
        PeerId b = member();
        PeerId me = member();
        List<MemberRow> one = List.copyOf(members);
        MemberRow before = members.get(1);
        members.set(
                1,
                new MemberRow(
                        b,
                        before.ref(),
                        before.state(),
                        false,
                        before.joinOrder(),
                        Instant.EPOCH,
                        before.types(),
                        1,
                        Set.of("t")));

        assertThat(WatchRing.watched(me, List.of(one), locks)).hasValue(a);
        assertThat(WatchRing.watched(me, List.of(one, members), locks)).hasValue(b);
        assertThat(WatchRing.watched(me, List.of(), locks)).isEmpty();
    }

    private int rank(PeerId me, PeerId lost) {
        return WatchRing.rank(me, lost, members, locks).orElseThrow();
    }
}
