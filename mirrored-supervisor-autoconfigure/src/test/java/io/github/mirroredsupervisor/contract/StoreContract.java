package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildKind;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.store.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.GroupRow;
import io.github.mirroredsupervisor.internal.store.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.GroupRow.Death;
import io.github.mirroredsupervisor.internal.store.GroupSettings;
import io.github.mirroredsupervisor.internal.store.GroupView;
import io.github.mirroredsupervisor.internal.store.Heartbeat;
import io.github.mirroredsupervisor.internal.store.JoinRequest;
import io.github.mirroredsupervisor.internal.store.JoinRequest.Membership;
import io.github.mirroredsupervisor.internal.store.MemberRow;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.OwnedToken;
import io.github.mirroredsupervisor.internal.store.PhaseReport;
import io.github.mirroredsupervisor.internal.store.Renewal;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.Strategy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a peer relies on, of any store. Each test has a store without rows. */
public abstract class StoreContract {

    protected static final String GROUP = "orders";
    protected static final Duration LEASE = Duration.ofSeconds(3);
    private static final Heartbeat NEVER = new Heartbeat(-1, 0);
    private static final GroupSettings FLAGS =
            new GroupSettings(GROUP, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Duration.ZERO);

    private final List<AutoCloseable> opened = new ArrayList<>();
    protected final PeerId a = PeerId.random();
    protected final PeerId b = PeerId.random();
    protected final PeerId c = PeerId.random();
    protected WorkSession work;
    protected RenewalSession renewals;

    /** A store of one peer; each call gives another one on the same rows. */
    protected abstract Store store();

    @BeforeEach
    void openSessions() {
        Store store = store();
        work = opened(store.openWork());
        renewals = opened(store.openRenewals());
    }

    @AfterEach
    void closeSessions() throws Exception {
        for (AutoCloseable session : opened) {
            session.close();
        }
    }

    protected <S extends AutoCloseable> S opened(S session) {
        opened.add(session);
        return session;
    }

    // ---- peers

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
        work.leaving(c); // concerns only who adopts or releases something, which reads the members anyway
        assertThatItRaisesTheRevision(() -> work.leave(c));
        insert("one", b); // concerns nobody but its owner
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

    // ---- static children

    @Test
    void staticChildrenAreDeclaredOnceWithoutAnOwner() {
        List<ChildSpec> declared = List.of(spec("second"), spec("first"));
        work.join(request(a, FLAGS, Set.of("relay"), declared));
        ChildRow before = row("first");
        work.join(request(b, FLAGS, Set.of("relay"), List.of(spec("first").withRestart(RestartType.TRANSIENT))));

        assertThat(row("first").token()).isEqualTo(before.token());
        assertThat(work.allRows(GROUP)).extracting(ChildRow::id).containsExactly("second", "first");
        assertThat(work.allRows(GROUP)).allSatisfy(row -> {
            assertThat(row.isStatic()).isTrue();
            assertThat(row.owner()).isNull();
            assertThat(row.isOrphan()).isTrue();
            assertThat(row.command()).isEqualTo(Command.DECLARE);
            assertThat(row.isAnswered()).isTrue();
            assertThat(row.desired()).isEqualTo(DesiredState.RUNNING);
            assertThat(row.restart()).isEqualTo(RestartType.PERMANENT);
        });
    }

    @Test
    void aTemporaryStaticChildIsWrittenByTheFirstMemberOnly() {
        List<ChildSpec> declared = List.of(spec("once").withRestart(RestartType.TEMPORARY), spec("other"));
        work.join(request(a, FLAGS, Set.of("relay"), declared));
        grant(a, "once");
        work.remove(GROUP, List.of(OwnedToken.of(row("once"))), "ended");

        work.join(request(b, FLAGS, Set.of("relay"), declared));
        assertThat(work.allRows(GROUP)).extracting(ChildRow::id).containsExactly("other");

        work.leave(a);
        work.leave(b);
        work.join(request(c, FLAGS, Set.of("relay"), declared));
        assertThat(work.allRows(GROUP)).extracting(ChildRow::id).containsExactly("once", "other");
        assertThat(row("once").owner()).isNull();
        assertThat(row("once").phase()).isEqualTo(Phase.STARTING);
    }

    @Test
    void theFirstMemberLetsItsStaticChildrenRunAgainThatAreComplete() {
        ChildSpec once = spec("once").withRestart(RestartType.TRANSIENT);
        ChildSpec stopped = spec("stopped").withRestart(RestartType.TRANSIENT);
        ChildSpec former = spec("former").withRestart(RestartType.TRANSIENT);
        work.join(request(a, FLAGS, Set.of("relay"), List.of(once, stopped, former)));
        List.of("once", "stopped", "former").forEach(id -> {
            grant(a, id);
            report(id, a, Phase.COMPLETED, null);
        });
        work.command(GROUP, "stopped", row("stopped").revision(), Command.TERMINATE, DesiredState.STOPPED, null);
        long token = row("once").token();

        work.join(request(b, FLAGS, Set.of("relay"), List.of(once, stopped)));
        assertThat(row("once").phase()).isEqualTo(Phase.COMPLETED);

        work.leave(a);
        work.leave(b);
        work.join(request(c, FLAGS, Set.of("relay"), List.of(once, stopped)));
        assertThat(row("once").phase()).isEqualTo(Phase.STARTING);
        assertThat(row("once").isOrphan()).isTrue();
        assertThat(grant(c, "once").get("once")).isGreaterThan(token);
        assertThat(row("stopped").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(row("former").phase()).as("the newcomer does not declare it").isEqualTo(Phase.COMPLETED);
    }

    @Test
    void dynamicChildrenComeAfterStaticOnesInTheOrderOfCreation() {
        work.join(request(a, FLAGS, Set.of("relay"), List.of(spec("z"), spec("y"))));
        insert("b", a);
        insert("a", a);

        assertThat(work.allRows(GROUP)).extracting(ChildRow::id).containsExactly("z", "y", "b", "a");
    }

    // ---- ownership

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
        work.command(GROUP, "one", 1, Command.START, DesiredState.RUNNING, null); // by whoever takes it for a start
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
        assertThat(row("one").suspicions()).isEqualTo(1); // as far as only b's death would bring it

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
        assertThat(row("one").suspicions()).isEqualTo(1); // it begins anew
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

    // ---- reports

    @Test
    void aReportShowsInTheRow() {
        join(a);
        long token = insert("one", a).token();
        Instant retry = Instant.parse("2030-01-02T03:04:05Z");
        LastExit exit = new LastExit(LastExit.Kind.CRASH, "boom\0", Instant.parse("2029-01-02T03:04:05Z"));

        work.report(
                GROUP,
                a,
                List.of(new PhaseReport("one", token, Phase.RESTARTING, 3, 2, retry, exit, 1L, "no luck", null)));

        ChildRow row = row("one");
        assertThat(row.phase()).isEqualTo(Phase.RESTARTING);
        assertThat(row.restarts()).isEqualTo(3);
        assertThat(row.restartsInWindow()).isEqualTo(2);
        assertThat(row.nextRetry()).isEqualTo(retry);
        assertThat(row.lastExit()).isNotNull();
        assertThat(row.lastExit().kind()).isEqualTo(LastExit.Kind.CRASH);
        assertThat(row.lastExit().reason()).startsWith("boom");
        assertThat(row.lastExit().at()).isEqualTo(exit.at());
        assertThat(row.isAnswered()).isTrue();
        assertThat(row.failure()).isEqualTo("no luck");
        assertThat(row.inPhase()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
    }

    @Test
    void aReportOfAnotherRunChangesNothing() {
        join(a);
        join(b);
        long token = insert("one", a).token();

        work.report(GROUP, a, List.of(phase("one", token - 1, Phase.RUNNING, 1L)));
        work.report(GROUP, b, List.of(phase("one", token, Phase.RUNNING, 1L)));

        assertThat(row("one").phase()).isEqualTo(Phase.STARTING);
        assertThat(row("one").isAnswered()).isFalse();
    }

    @Test
    void theTimeOfAPhaseCountsFromItsBeginning() {
        join(a);
        insert("one", a);
        report("one", a, Phase.RUNNING, null);
        Instant since = row("one").since();

        report("one", a, Phase.RUNNING, null);
        assertThat(row("one").since()).isEqualTo(since);
        report("one", a, Phase.STOPPING, null);
        assertThat(row("one").since()).isAfter(since);
    }

    @Test
    void anAnswerIsNeverTakenBack() {
        join(a);
        insert("one", a);
        work.command(GROUP, "one", 1, Command.RESTART, DesiredState.RUNNING, null);
        report("one", a, Phase.RUNNING, 2L);
        report("one", a, Phase.RUNNING, 1L);

        assertThat(row("one").answered()).isEqualTo(2);
    }

    @Test
    void anAnswerToAnOlderCommandDoesNotUndoALaterOne() {
        join(a);
        long token = insert("one", a).token();
        work.command(GROUP, "one", 1, Command.RESTART, DesiredState.RUNNING, null);
        work.command(GROUP, "one", 2, Command.RESTART, DesiredState.RUNNING, null);

        work.report(GROUP, a, List.of(stoppedAfterFailure(token, 2)));
        assertThat(row("one").desired()).isEqualTo(DesiredState.RUNNING);
        work.report(GROUP, a, List.of(stoppedAfterFailure(token, 3)));
        assertThat(row("one").desired()).isEqualTo(DesiredState.STOPPED);
    }

    @Test
    void severalReportsOnOneChildAreTakenInTheirOrder() {
        join(a);
        long token = insert("one", a).token();
        long other = insert("two", a).token();

        work.report(
                GROUP,
                a,
                List.of(
                        phase("one", token, Phase.RUNNING, 1L),
                        phase("two", other, Phase.RUNNING, null),
                        phase("one", token, Phase.STOPPED, null)));

        assertThat(row("one").phase()).isEqualTo(Phase.STOPPED);
        assertThat(row("one").isAnswered()).isTrue();
        assertThat(row("two").phase()).isEqualTo(Phase.RUNNING);
    }

    // ---- commands

    @Test
    void aNewChildIsItsOwnersToStart() {
        join(a);

        ChildRow row = insert("one", a);

        assertThatItIsInTheStore(row);
        assertThat(row.owner()).isEqualTo(a);
        assertThat(row.revision()).isEqualTo(1);
        assertThat(row.isAnswered()).isFalse();
        assertThat(row.command()).isEqualTo(Command.START);
        assertThat(row.phase()).isEqualTo(Phase.STARTING);
        assertThat(row.isStatic()).isFalse();
    }

    @Test
    void aKnownIdIsNotInsertedAgain() {
        join(a);
        join(b);
        ChildRow first = insert("one", a);

        assertThat(work.insert(GROUP, ChildSpec.of("one", "other"), b)).isNull();
        assertThat(row("one").token()).isEqualTo(first.token());
        assertThat(row("one").type()).isEqualTo("relay");
    }

    @Test
    void severalChildrenAreInsertedTogetherAndKnownOnesLeftOut() {
        join(a);
        join(b);
        insert("b", b);

        List<ChildRow> inserted = work.insert(GROUP, List.of(spec("c"), spec("b"), spec("a")), a);

        assertThat(inserted).extracting(ChildRow::id).containsExactlyInAnyOrder("a", "c");
        assertThat(inserted).allSatisfy(row -> {
            assertThatItIsInTheStore(row);
            assertThat(row.owner()).isEqualTo(a);
        });
        assertThat(row("b").owner()).isEqualTo(b);
        assertThat(work.insert(GROUP, List.of(spec("a")), b)).isEmpty();
    }

    @Test
    void everyPartOfASpecIsStored() {
        join(a);
        ChildSpec spec = new ChildSpec(
                "one",
                "relay",
                Map.of("topic", "prices", "size", 3, "nested", Map.of("list", List.of(1, "two", true))),
                RestartType.TRANSIENT,
                Duration.ofMillis(1500),
                new Shutdown.Timeout(Duration.ofSeconds(7)),
                ChildKind.SUPERVISOR,
                true,
                Takeover.IMMEDIATE,
                OutagePolicy.CONTINUE,
                Duration.ofSeconds(30));

        work.insert(GROUP, spec, a);
        work.insert(GROUP, spec("brutal").withShutdown(new Shutdown.Brutal()), a);
        work.insert(GROUP, spec("patient").withShutdown(new Shutdown.Infinity()), a);

        assertThat(row("one").spec()).isEqualTo(spec);
        assertThat(row("brutal").spec()).isEqualTo(spec("brutal").withShutdown(new Shutdown.Brutal()));
        assertThat(row("patient").spec()).isEqualTo(spec("patient").withShutdown(new Shutdown.Infinity()));
    }

    @Test
    void aCommandNeedsTheRevisionItWasDecidedOn() {
        join(a);
        insert("one", a);
        report("one", a, Phase.RUNNING, 1L);

        ChildRow commanded = work.command(GROUP, "one", 1, Command.TERMINATE, DesiredState.STOPPED, null);

        assertThat(commanded).isNotNull();
        assertThat(commanded.revision()).isEqualTo(2);
        assertThat(commanded.desired()).isEqualTo(DesiredState.STOPPED);
        assertThat(commanded.command()).isEqualTo(Command.TERMINATE);
        assertThat(commanded.isAnswered()).isFalse();
        assertThat(commanded.owner()).isEqualTo(a);
        assertThat(commanded.ownerState()).isEqualTo(PeerState.ALIVE);
        assertThat(work.command(GROUP, "one", 1, Command.RESTART, DesiredState.RUNNING, null))
                .isNull();
        assertThat(work.command(GROUP, "absent", 1, Command.RESTART, DesiredState.RUNNING, null))
                .isNull();
        assertThat(work.command(GROUP, "\0", 1, Command.RESTART, DesiredState.RUNNING, null))
                .isNull();
    }

    @Test
    void aCommandCanBringANewSpec() {
        join(a);
        insert("one", a);
        ChildSpec changed = spec("one").withKind(ChildKind.SUPERVISOR).withArguments(Map.of("n", 1));

        ChildRow commanded = work.command(GROUP, "one", 1, Command.RESTART, DesiredState.RUNNING, changed);

        assertThat(commanded).isNotNull();
        assertThat(commanded.spec()).isEqualTo(changed);
    }

    @Test
    void aWishToMoveLeavesTheRevision() {
        join(a);
        join(b);
        insert("one", a);

        assertThat(work.requestMove(GROUP, "one", 1, b)).isTrue();
        assertThat(row("one").moveTo()).isEqualTo(b);
        assertThat(row("one").revision()).isEqualTo(1);
        assertThat(work.requestMove(GROUP, "one", 2, a)).isFalse();
        assertThat(work.requestMove(GROUP, "absent", 1, a)).isFalse();
    }

    @Test
    void onlyWhatDoesNotRunIsDeleted() {
        join(a);
        insert("one", a);
        OwnedToken owned = OwnedToken.of(row("one"));
        assertThat(work.delete(GROUP, owned, 1)).isFalse();
        report("one", a, Phase.STOPPED, 1L);

        assertThat(work.delete(GROUP, owned, 2)).isFalse();
        assertThat(work.delete(GROUP, new OwnedToken("one", a, owned.token() - 1), 1))
                .isFalse();
        assertThat(work.delete(GROUP, new OwnedToken("one", null, owned.token()), 1))
                .isFalse();
        assertThat(work.delete(GROUP, owned, 1)).isTrue();
        assertThat(work.delete(GROUP, owned, 1)).isFalse();
        assertThat(work.rows(GROUP, Set.of("one"))).isEmpty();
    }

    @Test
    void anOfferedChildIsWhoseverClaimsItAndAKnownOneIsLeftAsItIs() {
        join(a);
        insert("known", a);
        assertThatItRaisesTheRevision(() -> assertThat(
                        work.offer(GROUP, List.of(ChildSpec.of("known", "other"), ChildSpec.of("new", "relay"))))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.id()).isEqualTo("new");
                    assertThat(row.owner()).isNull();
                    assertThat(row.isAnswered()).isFalse();
                    assertThat(row.command()).isEqualTo(ChildRow.Command.RESTART);
                    assertThat(row.phase()).isEqualTo(Phase.STARTING);
                }));
        ChildRow offered = work.rows(GROUP, Set.of("new")).get(0);
        assertThat(work.grant(GROUP, a, List.of(OwnedToken.of(offered)), StartCause.STARTED, Map.of()))
                .containsOnlyKeys("new");
    }

    @Test
    void anOrphanIsDeletedOnlyAsItWasRead() {
        join(a);
        work.offer(GROUP, List.of(ChildSpec.of("one", "relay")));
        ChildRow read = work.rows(GROUP, Set.of("one")).get(0);
        assertThat(work.deleteOrphan(GROUP, OwnedToken.of(read), read.revision() + 1))
                .isFalse();
        work.grant(GROUP, a, List.of(OwnedToken.of(read)), StartCause.STARTED, Map.of());
        assertThat(work.deleteOrphan(GROUP, OwnedToken.of(read), read.revision()))
                .isFalse();
        ChildRow granted = work.rows(GROUP, Set.of("one")).get(0);
        assertThat(work.deleteOrphan(GROUP, OwnedToken.of(granted), granted.revision()))
                .isTrue();
        assertThat(work.deleteOrphan(GROUP, OwnedToken.of(granted), granted.revision()))
                .isFalse();
        assertThat(work.rows(GROUP, Set.of("one"))).isEmpty();
    }

    // ---- groups

    @Test
    void aGroupIsTerminatedAndRevivedOnce() {
        join(a);
        join(b);

        assertThat(work.terminateGroup(GROUP, Cause.INTENSITY_EXCEEDED, "too many restarts", a))
                .isTrue();
        assertThat(work.terminateGroup(GROUP, Cause.INTENSITY_EXCEEDED, "another reason", b))
                .isFalse();
        assertThat(work.group(GROUP).orElseThrow().death().reason()).isEqualTo("too many restarts");
        assertThat(renewals.renew(b).groups().get(GROUP).terminated()).isTrue();

        Death death = work.group(GROUP).orElseThrow().death();
        Death earlier = new Death(death.cause(), death.reason(), death.at().minusMillis(1));
        assertThat(work.reviveGroup(GROUP, b, earlier)).isFalse();
        assertThat(work.reviveGroup(GROUP, b, death)).isTrue();
        assertThat(work.reviveGroup(GROUP, a, null)).isFalse();
        assertThat(work.group(GROUP).orElseThrow().death()).isNull();
    }

    // ---- reading

    @Test
    void aViewHoldsWhatAPeerActsOn() {
        work.join(request(a, FLAGS, Set.of("relay"), List.of(spec("unowned"))));
        join(b);
        join(c);
        insert("own", a);
        insert("anothers", b);
        insert("coming", b);
        insert("left-behind", c);
        work.requestMove(GROUP, "coming", 1, a);
        certify(a, c);

        GroupView view = work.view(GROUP, a);

        assertThat(view.group().name()).isEqualTo(GROUP);
        assertThat(view.members()).extracting(MemberRow::id).contains(a, b);
        assertThat(view.children()).extracting(ChildRow::id).containsExactly("unowned", "own", "coming", "left-behind");
        assertThat(view.children()).filteredOn(ChildRow::isOrphan).hasSize(2);
    }

    @Test
    void someRowsAreFoundWhoeverOwnsThem() {
        join(a);
        join(b);
        insert("one", a);
        insert("two", b);
        insert("three", b);

        assertThat(work.rows(GROUP, Set.of("one", "two", "absent", "\0")))
                .extracting(ChildRow::id)
                .containsExactly("one", "two");
        assertThat(work.rows("unknown", Set.of("one"))).isEmpty();
    }

    @Test
    void countsAreThoseOfTheWholeGroup() {
        join(a);
        join(b);
        insert("one", a);
        insert("two", b);
        work.insert(GROUP, spec("three").withKind(ChildKind.SUPERVISOR), a);
        report("one", a, Phase.RUNNING, null);
        report("two", b, Phase.RUNNING, null);
        assertThat(work.counts(GROUP)).isEqualTo(new ChildCounts(3, 2, 1, 2));

        certify(a, b);
        assertThat(work.counts(GROUP)).isEqualTo(new ChildCounts(3, 1, 1, 2));
    }

    // ---- housekeeping

    @Test
    void onlyEndedPeersThatOwnNothingArePurged() {
        join(a);
        join(b);
        join(c);
        insert("one", b);
        certify(a, b);
        work.leave(c);

        assertThat(work.purgePeers(Duration.ofHours(1), 100)).isZero();
        assertThat(work.purgePeers(Duration.ZERO, 100)).isEqualTo(1);
        grant(a, "one");
        assertThat(work.purgePeers(Duration.ZERO, 100)).isEqualTo(1);
        assertThat(work.members(GROUP)).extracting(MemberRow::id).containsExactly(a);
        assertThat(renewals.renew(a).renewed()).isTrue();
    }

    @Test
    void thePurgesDeleteNoMoreThanTheyAreTold() {
        join(a);
        for (PeerId peer : List.of(b, c)) {
            join(peer);
            work.leave(peer);
        }
        awaitTold();
        assertThat(work.purgePeers(Duration.ZERO, 1)).isEqualTo(1);
        assertThat(work.purgePeers(Duration.ZERO, 1)).isEqualTo(1);
        assertThat(work.purgePeers(Duration.ZERO, 1)).isZero();

        int entries = 0;
        while (work.purgeHistory(Duration.ZERO, 1) == 1) {
            entries++;
        }
        assertThat(entries).isGreaterThanOrEqualTo(5);
        assertThat(work.purgeHistory(Duration.ZERO, 100)).isZero();
    }

    @Test
    void historyIsPurgedByAge() {
        join(a);
        insert("one", a);
        awaitTold();

        assertThat(work.purgeHistory(Duration.ofHours(1), 100)).isZero();
        assertThat(work.purgeHistory(Duration.ZERO, 100)).isPositive();
        assertThat(work.purgeHistory(Duration.ZERO, 100)).isZero();
    }

    // ---- hints

    @Test
    void hintsSayWhereToLook() {
        join(a);
        awaitTold();
        NotificationSession listening = opened(store().openHints());
        assertThat(listening.await(b, Duration.ofSeconds(10))).containsExactly(Hint.EVERYTHING);

        insert("one", a);
        assertThat(listening.await(b, Duration.ofMillis(200))).isEmpty();
        work.command(GROUP, "one", 1, Command.TERMINATE, DesiredState.STOPPED, null);
        assertThat(listening.await(b, Duration.ofSeconds(10)))
                .containsExactly(new Hint(GROUP, Set.of("one"), false, null));
        work.terminateGroup(GROUP, Cause.INTENSITY_EXCEEDED, "test", a);
        assertThat(listening.await(b, Duration.ofSeconds(10))).containsExactly(new Hint(GROUP, Set.of(), false, null));
    }

    @Test
    void anAnswerHintsToWhoWaitsAndOtherReportsDoNot() {
        join(a);
        insert("one", a);
        awaitTold();
        NotificationSession listening = opened(store().openHints());
        listening.await(b, Duration.ofSeconds(10));

        report("one", a, Phase.STARTING, null);
        assertThat(listening.await(b, Duration.ofMillis(200))).isEmpty();
        report("one", a, Phase.RUNNING, 1L);
        assertThat(listening.await(b, Duration.ofSeconds(10))).containsExactly(new Hint(GROUP, Set.of(), true, null));
    }

    @Test
    void aRehearsalLeavesNothingBehind() {
        join(a);
        insert("one", a);
        awaitTold();
        NotificationSession listening = opened(store().openHints());
        listening.await(b, Duration.ofSeconds(10));
        GroupRow before = work.group(GROUP).orElseThrow();
        List<ChildRow> rows = work.allRows(GROUP);
        int history = work.purgeHistory(Duration.ZERO, 100);
        assertThat(history).isPositive();

        work.rehearse(a);
        assertThat(work.group(GROUP)).hasValue(before);
        assertThat(work.allRows(GROUP))
                .extracting(ChildRow::token)
                .isEqualTo(rows.stream().map(ChildRow::token).toList());
        assertThat(work.purgeHistory(Duration.ZERO, 100)).isZero();
        assertThat(listening.await(b, Duration.ofMillis(200))).isEmpty();
    }

    @Test
    void aStoresOwnHintsAreNotItsOwnNews() {
        Store store = store();
        WorkSession working = opened(store.openWork());
        NotificationSession listening = opened(store.openHints());
        working.join(request(a, FLAGS, Set.of()));
        listening.await(a, Duration.ofSeconds(10));

        working.insert(GROUP, spec("one"), a);
        working.command(GROUP, "one", 1, Command.TERMINATE, DesiredState.STOPPED, null);
        assertThat(listening.await(a, Duration.ofMillis(200))).isEmpty();
    }

    // ---- helpers

    protected void join(PeerId peer, String... types) {
        work.join(request(peer, FLAGS, Set.of(types)));
    }

    protected static JoinRequest request(PeerId peer, GroupSettings flags, Set<String> types) {
        return request(peer, flags, types, List.of());
    }

    protected static JoinRequest request(
            PeerId peer, GroupSettings flags, Set<String> types, List<ChildSpec> staticChildren) {
        return new JoinRequest(
                peer, ref(peer), LEASE, Duration.ofMillis(500), List.of(new Membership(flags, types, staticChildren)));
    }

    protected static JoinRequest declaring(PeerId peer, List<ChildSpec> staticChildren) {
        return request(peer, FLAGS, Set.of("relay"), staticChildren);
    }

    protected static PeerRef ref(PeerId peer) {
        return new PeerRef(peer, "label of " + peer, "host", 4711);
    }

    protected static ChildSpec spec(String id) {
        return ChildSpec.of(id, "relay");
    }

    protected ChildRow insert(String id, PeerId owner) {
        ChildRow row = work.insert(GROUP, spec(id), owner);
        assertThat(row).isNotNull();
        return row;
    }

    protected ChildRow row(String id) {
        return work.rows(GROUP, Set.of(id)).get(0);
    }

    protected Map<String, Long> grant(PeerId peer, String id) {
        return grant(peer, OwnedToken.of(row(id)));
    }

    protected Map<String, Long> grant(PeerId peer, OwnedToken expected) {
        return work.grant(GROUP, peer, List.of(expected), StartCause.STARTED, Map.of());
    }

    protected void report(String id, PeerId owner, Phase phase, @Nullable Long answers) {
        work.report(GROUP, owner, List.of(phase(id, row(id).token(), phase, answers)));
    }

    protected static PhaseReport phase(String id, long token, Phase phase, @Nullable Long answers) {
        return new PhaseReport(id, token, phase, 0, 0, null, null, answers, null, null);
    }

    private static PhaseReport stoppedAfterFailure(long token, long answers) {
        return new PhaseReport("one", token, Phase.STOPPED, 0, 0, null, null, answers, "failed", DesiredState.STOPPED);
    }

    /** With the counter as another peer sees it now. */
    protected boolean certify(PeerId accuser, PeerId victim) {
        Heartbeat last = renewals.renew(accuser).peers().stream()
                .filter(peer -> peer.id().equals(victim))
                .map(Renewal.PeerBeat::last)
                .findFirst()
                .orElse(NEVER);
        return work.certify(accuser, victim, last);
    }

    protected long revision() {
        return work.group(GROUP).orElseThrow().revision();
    }

    /** What follows a change is no part of it. */
    protected void awaitTold() {
        assertThat(work.awaitTold(Duration.ofSeconds(10))).isTrue();
    }

    private void assertThatItRaisesTheRevision(Runnable change) {
        awaitTold();
        long before = revision();
        change.run();
        awaitTold();
        assertThat(revision()).isGreaterThan(before);
    }

    /** But for the time since its phase began, which goes on. */
    private void assertThatItIsInTheStore(ChildRow row) {
        assertThat(row).usingRecursiveComparison().ignoringFields("inPhase").isEqualTo(row(row.id()));
    }
}
