package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.PeerBeat;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How peers join, renew, are declared dead and leave. */
public abstract class PeerContract extends StoreFixture {

    @Test
    void joiningCreatesTheGroupWithTheJoinersFlags() {
        GroupSettings flags =
                new GroupSettings(GROUP, Strategy.REST_FOR_ONE, 7, Duration.ofMillis(1500), Duration.ofSeconds(5));

        List<GroupRow> groups = work.join(request(a, flags, Set.of("relay")));

        assertThat(groups).singleElement().satisfies(group -> {
            assertThat(group.name()).isEqualTo(GROUP);
            assertThat(group.death()).isNull();
            assertThat(group.flags().strategy()).isEqualTo(Strategy.REST_FOR_ONE);
            assertThat(group.flags().intensity()).isEqualTo(7);
            assertThat(group.flags().period()).isEqualTo(Duration.ofMillis(1500));
        });
        assertThat(work.group(GROUP)).hasValue(groups.get(0));
        assertThat(work.group("unknown")).isEmpty();
    }

    @Test
    void theFlagsOfAGroupWithALiveMemberStand() {
        join(a);
        GroupSettings other = new GroupSettings(GROUP, Strategy.ONE_FOR_ALL, 9, Duration.ofSeconds(9), Duration.ZERO);

        assertThat(work.join(request(b, other, Set.of())).get(0).flags().strategy())
                .isEqualTo(Strategy.ONE_FOR_ONE);

        work.leave(a);
        work.leave(b);
        assertThat(work.join(request(c, other, Set.of())).get(0).flags().strategy())
                .isEqualTo(Strategy.ONE_FOR_ALL);
    }

    @Test
    void membersComeInTheOrderOfJoining() {
        join(a, "relay", "poller");
        join(b, "relay");
        insert("one", b);

        List<MemberRow> members = work.members(GROUP);

        assertThat(members).extracting(MemberRow::id).containsExactly(a, b);
        assertThat(members).extracting(MemberRow::types).containsExactly(Set.of("relay", "poller"), Set.of("relay"));
        assertThat(members).extracting(MemberRow::children).containsExactly(0L, 1L);
        assertThat(members).extracting(MemberRow::state).containsOnly(PeerState.ALIVE);
        assertThat(members.get(0).ref()).isEqualTo(ref(a));
        assertThat(members.get(0).joinOrder()).isLessThan(members.get(1).joinOrder());
    }

    @Test
    void aRenewalSeesTheOtherPeersAndItsGroups() {
        join(a);
        join(b);

        Renewal first = renewals.renew(a);
        renewals.renew(b);
        Renewal second = renewals.renew(a);

        assertThat(first.renewed()).isTrue();
        assertThat(first.peers()).singleElement().satisfies(peer -> {
            assertThat(peer.id()).isEqualTo(b);
            assertThat(peer.lease()).isEqualTo(LEASE);
            assertThat(peer.age()).isNotNull().isBetween(Duration.ZERO, Duration.ofMinutes(1));
        });
        assertThat(second.peers().get(0).last().seq())
                .isEqualTo(first.peers().get(0).last().seq() + 1);
        assertThat(first.groups()).containsOnlyKeys(GROUP);
        assertThat(first.groups().get(GROUP).terminated()).isFalse();
        assertThat(first.server()).isNotBlank().isEqualTo(second.server());
    }

    /** Protocol rule 3b: all others, for the three earliest; otherwise those that joined just before, in a ring. */
    @Test
    void aPeerWatchesItsPredecessors() {
        List<PeerId> joined = Stream.generate(PeerId::random).limit(22).toList();
        joined.forEach(this::join);
        work.leave(joined.get(4));
        assertThat(certify(joined.get(0), joined.get(15))).isTrue();
        List<PeerId> alive = joined.stream()
                .filter(peer -> joined.indexOf(peer) != 4 && joined.indexOf(peer) != 15)
                .toList();
        for (int i = 0; i < alive.size(); i++) {
            Set<PeerId> expected = new HashSet<>();
            if (i < 3) {
                expected.addAll(alive);
            } else {
                expected.addAll(alive.subList(Math.max(0, i - 8), i));
                expected.addAll(i < 8 ? alive.subList(12, 20) : List.of());
            }
            expected.remove(alive.get(i));
            assertThat(renewals.renew(alive.get(i)).peers())
                    .as("the peers that number %d of %d watches", i, alive.size())
                    .extracting(PeerBeat::id)
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void aPeerThatIsNotAliveIsNotRenewed() {
        join(a);
        join(b);
        work.leave(b);

        assertThat(renewals.renew(b).renewed()).isFalse();
        assertThat(renewals.renew(PeerId.random()).renewed()).isFalse();
        assertThat(renewals.renew(a).peers()).isEmpty();
    }

    @Test
    void aCertificateNeedsTheCounterThatWasTimed() {
        join(a);
        join(b);
        Heartbeat timed = renewals.renew(a).peers().get(0).last();
        renewals.renew(b);

        assertThat(work.certify(a, b, timed)).isFalse();
        Heartbeat last = renewals.renew(a).peers().get(0).last();
        assertThat(last.seq()).isEqualTo(timed.seq() + 1);
        assertThat(last.at()).isGreaterThan(timed.at());
        assertThat(work.certify(a, b, new Heartbeat(last.seq(), timed.at())))
                .as("another renewal with the same number, before a copy was put in place")
                .isFalse();
        assertThat(work.certify(a, b, new Heartbeat(timed.seq(), last.at()))).isFalse();
        assertThat(work.certify(a, b, last)).isTrue();
        assertThat(renewals.renew(b).renewed()).isFalse();
    }

    @Test
    void deadAndLeftAreFinal() {
        join(a);
        join(b);
        join(c);
        assertThat(certify(a, b)).isTrue();
        work.leave(c);

        assertThat(certify(a, b)).isFalse();
        work.leave(b);
        assertThat(work.members(GROUP))
                .filteredOn(member -> member.id().equals(b))
                .extracting(MemberRow::state)
                .containsExactly(PeerState.DEAD);
        assertThat(work.certify(a, c, NEVER)).isFalse();
        assertThat(work.members(GROUP)).extracting(MemberRow::id).doesNotContain(c);
    }

    @Test
    void theDeadAccuseNobody() {
        join(a);
        join(b);
        join(c);
        certify(a, b);

        assertThat(work.certify(b, c, NEVER)).isFalse();
        assertThat(work.certify(PeerId.random(), c, NEVER)).isFalse();
        assertThat(renewals.renew(c).renewed()).isTrue();
    }

    @Test
    void whatMembersActOnRaisesTheRevision() {
        join(a);
        join(b);
        assertThatItRaisesTheRevision(() -> join(c));
        assertThatItRaisesTheRevision(() -> work.cordon(b, true));
        work.leaving(c); // affects only a peer that adopts or releases, which reads the members anyway
        assertThatItRaisesTheRevision(() -> work.leave(c));
        insert("one", b); // affects only its owner
        assertThatItRaisesTheRevision(
                () -> work.command(GROUP, "one", 1, Command.TERMINATE, DesiredState.STOPPED, null));
        assertThatItRaisesTheRevision(() -> work.requestMove(GROUP, "one", 2, a));
        assertThatItRaisesTheRevision(() -> certify(a, b));
        assertThatItRaisesTheRevision(() -> grant(a, "one"));
        assertThatItRaisesTheRevision(() -> work.release(GROUP, List.of(OwnedToken.of(row("one"))), null));
        assertThatItRaisesTheRevision(() -> work.remove(GROUP, List.of(OwnedToken.of(row("one"))), "test"));
        assertThatItRaisesTheRevision(
                () -> work.terminateGroup(GROUP, Cause.INTENSITY_EXCEEDED, "too many restarts", a));
        assertThatItRaisesTheRevision(() -> work.reviveGroup(GROUP, a, null));
    }

    @Test
    void cordonedAndLeavingMembersShow() {
        join(a);
        join(b);
        work.cordon(a, true);
        work.leaving(b);
        assertThat(work.members(GROUP)).extracting(MemberRow::cordoned).containsExactly(true, true);

        work.cordon(a, false);
        work.cordon(b, false);
        work.cordon(PeerId.random(), true);
        assertThat(work.members(GROUP)).extracting(MemberRow::cordoned).containsExactly(false, true);
    }
}
