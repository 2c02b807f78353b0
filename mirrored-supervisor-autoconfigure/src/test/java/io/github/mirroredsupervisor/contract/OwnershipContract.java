package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Grants, hand-overs and removals: compare-and-set on owner and token. */
public abstract class OwnershipContract extends StoreFixture {

    @Test
    void anOrphanIsGrantedUnderAGreaterToken() {
        work.join(request(a, FLAGS, Set.of("relay"), List.of(spec("one"))));
        ChildRow before = row("one");

        Map<String, Long> granted = grant(a, "one");

        ChildRow after = row("one");
        assertThat(granted).containsOnlyKeys("one");
        assertThat(granted.get("one")).isGreaterThan(before.token()).isEqualTo(after.token());
        assertThat(after.owner()).isEqualTo(a);
        assertThat(after.ownerRef()).isEqualTo(ref(a));
        assertThat(after.ownerState()).isEqualTo(PeerState.ALIVE);
        assertThat(after.phase()).isEqualTo(Phase.STARTING);
        assertThat(after.isOrphan()).isFalse();
    }

    @Test
    void aGrantNeedsOwnerAndTokenAsTheyWereRead() {
        join(a);
        join(b);
        insert("one", a);
        OwnedToken read = OwnedToken.of(row("one"));
        grant(a, "one");

        assertThat(grant(b, read)).isEmpty();
        assertThat(grant(b, new OwnedToken("one", null, row("one").token()))).isEmpty();
        assertThat(grant(b, new OwnedToken("one", c, row("one").token()))).isEmpty();
        assertThat(grant(b, new OwnedToken("absent", a, 1))).isEmpty();
        assertThat(row("one").owner()).isEqualTo(a);
    }

    @Test
    void onlyTheAliveAreGrantedChildren() {
        join(a);
        join(b);
        insert("one", a);
        certify(a, b);

        assertThat(grant(b, "one")).isEmpty();
        assertThat(grant(PeerId.random(), "one")).isEmpty();
    }

    @Test
    void whoeverStartedShortlyBeforeItsOwnerDiedIsSuspectedOnceMoreEachTime() {
        join(a);
        join(b);
        join(c);
        insert("one", a);
        certify(b, a);
        assertThat(row("one").suspicions()).isEqualTo(1);

        grant(b, "one");
        work.command(GROUP, "one", 1, Command.START, DesiredState.RUNNING, null); // the next owner takes it as a start
        certify(c, b);
        assertThat(row("one").suspicions()).isEqualTo(2);
    }

    @Test
    void anOwnerThatLetsGoOrLeavesAccusesNobody() {
        join(a);
        join(b);
        insert("one", a);
        certify(b, a);
        grant(b, "one");
        work.release(GROUP, List.of(OwnedToken.of(row("one"))), b);
        assertThat(row("one").suspicions()).isEqualTo(1); // what b's death alone would make it

        work.leave(b);
        assertThat(row("one").suspicions()).isZero();
    }

    @Test
    void whatDidNotRunWhenItsOwnerDiedIsNotSuspected() {
        join(a);
        join(b);
        insert("one", a);
        report("one", a, Phase.RESTARTING, null);
        certify(b, a);

        assertThat(row("one").suspicions()).isZero();
    }

    @Test
    void aQuarantinedOrphanStaysOneUntilACommandReleasesIt() {
        join(a);
        join(b);
        insert("one", a);
        report("one", a, Phase.RUNNING, 1L);
        OwnedToken alive = OwnedToken.of(row("one"));
        certify(b, a);

        assertThat(work.quarantine(GROUP, new OwnedToken("one", b, alive.token()), "another owner"))
                .isFalse();
        assertThatItRaisesTheRevision(() ->
                assertThat(work.quarantine(GROUP, alive, "they die of it")).isTrue());
        assertThat(work.quarantine(GROUP, alive, "once more")).isFalse();

        assertThat(row("one").phase()).isEqualTo(Phase.QUARANTINED);
        assertThat(row("one").failure()).isEqualTo("they die of it");
        assertThat(row("one").owner()).isEqualTo(a);
        long revision = row("one").revision();
        work.command(GROUP, "one", revision, Command.RESTART, DesiredState.RUNNING, null);
        grant(b, "one");
        assertThat(row("one").phase()).isEqualTo(Phase.STARTING);
        assertThat(row("one").failure()).isNull();
        certify(b, b);
        assertThat(row("one").suspicions()).isEqualTo(1); // it counts from the beginning
    }

    @Test
    void manyChildrenAreGrantedAtOnceAndWrongOnesLeftOut() {
        List<ChildSpec> specs = new ArrayList<>();
        for (int i = 0; i < 2500; i++) {
            specs.add(spec("child-" + i));
        }
        work.join(request(a, FLAGS, Set.of("relay"), specs));
        List<OwnedToken> expected = new ArrayList<>();
        work.allRows(GROUP).forEach(row -> expected.add(OwnedToken.of(row)));
        expected.set(7, new OwnedToken("child-7", b, expected.get(7).token()));

        Map<String, Long> granted = work.grant(GROUP, a, expected, StartCause.STARTED, Map.of());

        assertThat(granted).hasSize(2499).doesNotContainKey("child-7");
        expected.remove(7);
        assertThat(expected)
                .allSatisfy(one -> assertThat(granted.get(one.childId())).isGreaterThan(one.token()));
    }

    @Test
    void aRestartInPlaceRaisesTheTokenAndNoRevision() {
        join(a);
        insert("one", a);
        report("one", a, Phase.RUNNING, null);
        awaitTold();
        long revision = revision();
        long token = row("one").token();

        assertThat(grant(a, "one").get("one")).isGreaterThan(token);
        awaitTold();
        assertThat(row("one").phase()).isEqualTo(Phase.STARTING);
        assertThat(revision()).isEqualTo(revision);
    }

    @Test
    void aNewDefinitionIsStoredWithTheGrant() {
        work.join(request(a, FLAGS, Set.of("relay"), List.of(spec("one"), spec("two"))));
        ChildSpec changed = ChildSpec.of("one", "poller")
                .withRestart(RestartType.TRANSIENT)
                .withArguments(Map.of("topic", "prices"));

        work.grant(
                GROUP,
                a,
                List.of(OwnedToken.of(row("one")), OwnedToken.of(row("two"))),
                StartCause.STARTED,
                Map.of("one", changed));

        assertThat(row("one").spec()).isEqualTo(changed);
        assertThat(row("one").type()).isEqualTo("poller");
        assertThat(row("two").spec()).isEqualTo(spec("two"));
    }

    @Test
    void whatStoppedForGoodStaysSoWhenItIsAdopted() {
        join(a);
        join(b);
        insert("done", a);
        insert("again", a);
        report("done", a, Phase.COMPLETED, 1L);
        report("again", a, Phase.COMPLETED, 1L);
        work.command(GROUP, "again", 1, Command.RESTART, DesiredState.RUNNING, null);
        certify(b, a);

        grant(b, "done");
        grant(b, "again");

        assertThat(row("done").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(row("again").phase()).isEqualTo(Phase.STARTING);
    }

    @Test
    void aReleaseBurnsTheTokenAndEndsTheWishToMove() {
        join(a);
        join(b);
        insert("one", a);
        work.requestMove(GROUP, "one", 1, b);
        OwnedToken old = OwnedToken.of(row("one"));

        assertThat(work.release(GROUP, List.of(old), b)).containsExactly("one");

        assertThat(row("one").owner()).isEqualTo(b);
        assertThat(row("one").token()).isGreaterThan(old.token());
        assertThat(row("one").moveTo()).isNull();
        assertThat(work.release(GROUP, List.of(old), null)).isEmpty();
        assertThat(work.release(GROUP, List.of(OwnedToken.of(row("one"))), null))
                .containsExactly("one");
        assertThat(row("one").owner()).isNull();
        assertThat(row("one").phase()).isEqualTo(Phase.ORPHANED);
    }

    @Test
    void whatIsHandedToAMemberThatTakesNoChildrenHasNoOwner() {
        PeerId dead = PeerId.random();
        PeerId left = PeerId.random();
        PeerId leaving = PeerId.random();
        PeerId cordoned = PeerId.random();
        PeerId unknown = PeerId.random();
        for (PeerId peer : List.of(a, dead, left, leaving, cordoned)) {
            join(peer);
        }
        certify(a, dead);
        work.leave(left);
        work.leaving(leaving);
        work.cordon(cordoned, true);
        for (PeerId target : List.of(dead, left, leaving, cordoned, unknown)) {
            insert(target.toString(), a);
            OwnedToken old = OwnedToken.of(row(target.toString()));

            assertThat(work.release(GROUP, List.of(old), target)).containsExactly(target.toString());

            assertThat(row(target.toString()).owner()).isNull();
            assertThat(row(target.toString()).phase()).isEqualTo(Phase.ORPHANED);
            assertThat(row(target.toString()).token()).isGreaterThan(old.token());
        }
    }

    @Test
    void aRemovedChildComesBackAboveItsOldTokens() {
        join(a);
        insert("one", a);
        long token = grant(a, "one").get("one");

        work.remove(GROUP, List.of(new OwnedToken("one", a, token - 1)), "too old");
        assertThat(work.allRows(GROUP)).hasSize(1);
        work.remove(GROUP, List.of(new OwnedToken("one", a, token)), "ended");
        assertThat(work.allRows(GROUP)).isEmpty();

        assertThat(insert("one", a).token()).isGreaterThan(token);
    }
}
