package io.github.mirroredsupervisor.internal.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileContext.Launched;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.supervision.TokenLedger;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Protocol rules 5 to 8, one comparison at a time. */
class ReconcilerTests {

    private final PeerId me = PeerId.random();
    private final PeerId other = PeerId.random();

    private final List<MemberRow> members = new ArrayList<>(List.of(member(other, 1), member(me, 2)));
    private final Map<String, LocalChild> locals = new HashMap<>();
    private final Map<String, Launched> launched = new HashMap<>();
    private final TokenLedger tokens = new TokenLedger();
    private boolean mayStart = true;
    private boolean terminated;

    private final EditableRow row = new EditableRow("c", me);

    @Test
    void aRowOfALivePeerIsLeftAlone() {
        row.owner = other;
        assertThat(decide()).isNull();
    }

    @Test
    void whatRunsHereThoughAnotherOwnsItIsStopped() {
        row.owner = other;
        local(Status.RUNNING, 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Stop("c", StopReason.NOT_OWNED));
    }

    @Test
    void theEarliestLiveMemberClaimsAnOrphan() {
        members.set(0, member(other, 3));
        row.owner = PeerId.random();
        row.ownerState = PeerState.DEAD;
        assertThat(decide()).isEqualTo(new ReconcileAction.Claim(row.read(), StartCause.FAILED_OVER));
    }

    @Test
    void aChildThatItsOwnersMayDieOfIsTriedAndOneThatTheyDoDieOfIsQuarantined() {
        row.owner = PeerId.random();
        row.ownerState = PeerState.DEAD;
        row.suspicions = 1;
        assertThat(decide()).isEqualTo(new ReconcileAction.Defer(row.read(), 1));
        row.suspicions = 2;
        assertThat(decide()).isEqualTo(new ReconcileAction.Try(row.read(), 1));
        row.suspicions = 3;
        assertThat(decide()).isEqualTo(new ReconcileAction.Quarantine(row.read()));
        row.desired = DesiredState.STOPPED;
        assertThat(decide()).isNull();
    }

    @Test
    void aSuspectIsNotTakenOverOnAHint() {
        row.owner = other;
        assertThat(Reconciler.mayTakeOver(row.read(), situation())).isTrue();
        row.suspicions = 2;
        assertThat(Reconciler.mayTakeOver(row.read(), situation())).isFalse();
    }

    @Test
    void aLaterMemberWaitsForAnEarlierOne() {
        row.owner = null;
        row.phase = Phase.ORPHANED;
        assertThat(decide()).isEqualTo(new ReconcileAction.Defer(row.read(), 1));
    }

    @Test
    void nobodyWaitsForMembersThatAreCordonedDeadOrIncapable() {
        row.owner = null;
        row.phase = Phase.ORPHANED;
        for (MemberRow unfit : List.of(
                member(other, 1, PeerState.ALIVE, true, Set.of("t")),
                member(other, 1, PeerState.DEAD, false, Set.of("t")),
                member(other, 1, PeerState.ALIVE, false, Set.of("u")))) {
            members.set(0, unfit);
            assertThat(decide()).isEqualTo(new ReconcileAction.Claim(row.read(), StartCause.HANDED_OVER));
        }
    }

    @Test
    void anOrphanIsNotClaimedWithoutPermissionOrByACordonedMember() {
        members.remove(0);
        row.owner = null;
        mayStart = false;
        assertThat(decide()).isNull();
        mayStart = true;
        members.set(0, member(me, 2, PeerState.ALIVE, true, Set.of("t")));
        assertThat(decide()).isNull();
    }

    @Test
    void stoppedCompletedAndUnknownOrphansAreNotClaimed() {
        members.remove(0);
        row.owner = null;
        row.desired = DesiredState.STOPPED;
        row.phase = Phase.STOPPED;
        assertThat(decide()).isNull();
        row.desired = DesiredState.RUNNING;
        row.phase = Phase.COMPLETED;
        assertThat(decide()).isNull();
        row.phase = Phase.ORPHANED;
        row.type = "unknown here";
        assertThat(decide()).isNull();
    }

    @Test
    void anOrphanWhoseTerminationNobodyAnsweredIsClaimedToSettleIt() {
        members.remove(0);
        row.owner = null;
        row.type = "unknown here";
        row.desired = DesiredState.STOPPED;
        row.revision = 2;
        assertThat(decide()).isInstanceOf(ReconcileAction.Claim.class);
    }

    @Test
    void inATerminatedGroupOrphansAreSettledAndRemovedButNotStarted() {
        members.remove(0);
        terminated = true;
        row.owner = null;
        assertThat(decide()).isNull();
        row.desired = DesiredState.STOPPED;
        row.revision = 2;
        assertThat(decide()).isInstanceOf(ReconcileAction.Claim.class);
        row.owner = me;
        row.command = Command.REMOVE;
        assertThat(decide()).isEqualTo(new ReconcileAction.Remove(row.read(), "removed"));
        row.desired = DesiredState.RUNNING;
        row.command = Command.RESTART;
        assertThat(decide()).isNull();
    }

    @Test
    void aRemovedChildIsStoppedThenForgotten() {
        row.desired = DesiredState.STOPPED;
        row.command = Command.REMOVE;
        row.revision = 2;
        local(Status.RUNNING, 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Stop("c", StopReason.TERMINATED));
        local(Status.DOWN, 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Remove(row.read(), "removed"));
    }

    @Test
    void aTemporaryOrphanIsRemoved() {
        row.owner = null;
        row.restart = RestartType.TEMPORARY;
        assertThat(decide()).isInstanceOf(ReconcileAction.Remove.class);
    }

    @Test
    void anOwnRowWithAnUnusedTokenIsStartedUnderIt() {
        row.token = 5;
        tokens.burn("c", 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Start(row.read(), StartCause.HANDED_OVER));
    }

    @Test
    void a16WhatIsHandedHereUnderAnotherDefinitionIsGrantedAnewUnderThisOne() {
        row.token = 5;
        tokens.burn("c", 4);
        ChildSpec same = ChildSpec.of("c", "t");
        ChildSpec newer = same.withShutdown(new Shutdown.Brutal());
        assertThat(Reconciler.decide(row.read(), same, situation()))
                .isEqualTo(new ReconcileAction.Start(row.read(), StartCause.HANDED_OVER));
        assertThat(Reconciler.decide(row.read(), newer, situation()))
                .isEqualTo(new ReconcileAction.Raise(row.read().definedAs(newer), StartCause.HANDED_OVER));
        assertThat(Reconciler.decide(row.read(), null, situation()))
                .isEqualTo(new ReconcileAction.Start(row.read(), StartCause.HANDED_OVER));
    }

    @Test
    void aTokenThatARunUsedIsRaisedFirst() {
        row.token = 5;
        tokens.burn("c", 5);
        assertThat(decide()).isEqualTo(new ReconcileAction.Raise(row.read(), StartCause.RESUMED));
    }

    @Test
    void aBurntTokenIsNeverUsed() {
        row.token = 5;
        tokens.burn("c", 5); // its hand-over was sent and not answered
        local(Status.DOWN, 3);
        assertThat(decide()).isInstanceOf(ReconcileAction.Raise.class);
    }

    @Test
    void nothingIsDoneWhileAnEndIsAwaited() {
        for (Status ending : List.of(Status.STOPPING, Status.STUCK)) {
            local(ending, 4);
            assertThat(decide()).isNull();
        }
    }

    @Test
    void whatRunsAsItShouldIsLeftAlone() {
        local(Status.RUNNING, 4);
        tokens.burn("c", 4);
        assertThat(decide()).isNull();
        local(Status.DELAYED, 4);
        assertThat(decide()).isNull();
    }

    @Test
    void aRunWithAnOlderTokenThanAnUnusedOneIsReplaced() {
        local(Status.RUNNING, 4);
        tokens.burn("c", 4);
        row.token = 6;
        assertThat(decide()).isEqualTo(new ReconcileAction.Stop("c", StopReason.REPLACED));
    }

    @Test
    void aRestartInPlaceRaisesTheTokenOnce() {
        local(Status.AWAITING_TOKEN, 4);
        tokens.burn("c", 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Raise(row.read(), StartCause.RESTARTED));
        row.token = 5; // the grant was committed, and its reply was lost
        assertThat(decide()).isEqualTo(new ReconcileAction.Start(row.read(), StartCause.RESTARTED));
    }

    @Test
    void aTerminatedChildIsStoppedThenSettled() {
        row.desired = DesiredState.STOPPED;
        row.revision = 2;
        local(Status.RUNNING, 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Stop("c", StopReason.TERMINATED));
        local(Status.DELAYED, 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Stop("c", StopReason.TERMINATED));
        local(Status.DOWN, 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Settle(row.read(), Phase.STOPPED));
        row.answered = 2;
        row.phase = Phase.STOPPED;
        assertThat(decide()).isNull();
    }

    @Test
    void aRunWithAnOlderTokenThanABurntOneIsReplacedToo() {
        local(Status.RUNNING, 4);
        tokens.burn("c", 9); // all tokens up to this one are spent: the database may have lost some
        row.token = 6;
        assertThat(decide()).isEqualTo(new ReconcileAction.Stop("c", StopReason.REPLACED));
        local(Status.DOWN, 4);
        assertThat(decide()).isInstanceOf(ReconcileAction.Raise.class);
    }

    @Test
    void aNewerCommandReplacesTheRun() {
        local(Status.RUNNING, 4);
        launched.put("c", new Launched(1, Command.START, true));
        tokens.burn("c", 4);
        row.revision = 2;
        assertThat(decide()).isEqualTo(new ReconcileAction.Stop("c", StopReason.REPLACED));
        local(Status.DOWN, 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Raise(row.read(), StartCause.STARTED));
        launched.put("c", new Launched(2, Command.RESTART, true));
        local(Status.STARTING, 5);
        row.token = 5;
        tokens.burn("c", 5);
        assertThat(decide()).isNull();
    }

    @Test
    void aCompletedChildStaysSoUntilACommand() {
        row.phase = Phase.COMPLETED;
        assertThat(decide()).isNull();
        row.revision = 2;
        assertThat(decide()).isInstanceOf(ReconcileAction.Start.class);
    }

    @Test
    void aTemporaryChildThatEndedIsNotStartedAgain() {
        row.restart = RestartType.TEMPORARY;
        tokens.burn("c", 4);
        assertThat(decide()).isInstanceOf(ReconcileAction.Remove.class);
    }

    @Test
    void aMoveStopsThenReleasesToTheTarget() {
        row.moveTo = other;
        local(Status.RUNNING, 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Stop("c", StopReason.MOVING));
        local(Status.DOWN, 4);
        assertThat(decide()).isEqualTo(new ReconcileAction.Release(row.read(), other));
        members.set(0, member(other, 1, PeerState.DEAD, false, Set.of("t")));
        assertThat(decide()).isEqualTo(new ReconcileAction.WithdrawMove(row.read()));
    }

    @Test
    void anOwnRowOfATypeThatThisPeerDoesNotKnowIsReleased() {
        row.type = "unknown here";
        assertThat(decide()).isEqualTo(new ReconcileAction.Release(row.read(), null));
    }

    @Test
    void aRowThatCannotBeReadIsLeftAsItIs() {
        row.readable = false;
        assertThat(decide()).isNull();
    }

    @Test
    void strayRunsAreStopped() {
        local(Status.RUNNING, 4);
        assertThat(Reconciler.strays(List.of(), situation()))
                .containsExactly(new ReconcileAction.Stop("c", StopReason.NOT_OWNED));
        assertThat(Reconciler.strays(List.of(row.read()), situation())).isEmpty();
    }

    private @Nullable ReconcileAction decide() {
        return Reconciler.decide(row.read(), situation());
    }

    private ReconcileContext situation() {
        return new ReconcileContext(me, mayStart, terminated, members, Set.of("t"), locals, launched, 3, tokens);
    }

    private void local(Status status, long token) {
        locals.put("c", new LocalChild(ChildSpec.of("c", "t"), 1, status, token, 0, 0, null, null));
    }

    private static MemberRow member(PeerId id, long joinOrder) {
        return member(id, joinOrder, PeerState.ALIVE, false, Set.of("t"));
    }

    private static MemberRow member(PeerId id, long joinOrder, PeerState state, boolean cordoned, Set<String> types) {
        return new MemberRow(
                id, new PeerRef(id, "l", "h", 1), state, cordoned, joinOrder, Instant.EPOCH, types, 0, Set.of());
    }
}
