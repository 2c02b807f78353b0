package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.context.Confinement;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.context.Timers;
import io.github.mirroredsupervisor.internal.group.GroupSnapshot.LeaveState;
import io.github.mirroredsupervisor.internal.ownership.AdoptionSchedule;
import io.github.mirroredsupervisor.internal.ownership.LostRows;
import io.github.mirroredsupervisor.internal.ownership.Outbox;
import io.github.mirroredsupervisor.internal.ownership.OwnershipClaims;
import io.github.mirroredsupervisor.internal.ownership.UndeclaredChildren;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Claim;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Quarantine;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Release;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Remove;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Sorted;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Start;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Stop;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileContext;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileContext.Launched;
import io.github.mirroredsupervisor.internal.reconcile.Reconciler;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildViews;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.store.rows.GroupView;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.GroupBeat;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.Launch.Attempt;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.Moment;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer's part in one group: compares the group's rows with what runs here, and carries out the decisions of the
 * {@link Reconciler}. Level-triggered: the next comparison finds what a lost hint or a failed write left undone.
 * Confined to the group's loop.
 *
 * <p>Nothing waits here. A command to the store reads a row; when its answer comes, the row is compared with the
 * child's state at that moment. While something about the child is still to be written, or a command that may change
 * its row is pending, the row is out of date: it is ignored, and read again afterwards. Tokens are requested in the
 * same way; whether a child may start is decided when its token is there (protocol rule 7).
 */
final class GroupMember {

    private static final Logger log = LoggerFactory.getLogger(GroupMember.class);

    /** After a full comparison, the next one for a change alone waits for this many times the duration of the last. */
    private static final int REST_OF_SWEEPS = 10;

    private final PeerContext peer;
    private final Confinement confinement;
    private final Timers timers;
    private final GroupStore store;
    private final GroupState state;
    private final LocalSupervisor local;
    private final TransitionRecorder recorder;
    private final AdoptionSchedule adoption;
    private final LostRows lostRows;
    private final UndeclaredChildren undeclared;
    private final NotificationPace pace;

    /** Children whose rows were read while a write or a command for them was pending. */
    private final Set<String> compareLater = new HashSet<>();

    private boolean sweepDue;

    /** A full comparison is due. */
    private boolean lookAtAll;

    /** A comparison is under way: its rows are being read. */
    private boolean reading;

    /** How many claims of the comparison have not been answered. */
    private int claiming;

    /** A full comparison was made while children could start; the initial children are not counted yet. */
    private boolean lookedToStart;

    /** Read before the full comparison that is due or under way; null if it is not due because of a digest. */
    private @Nullable String newDigest;

    /** When the present full comparison began; null if there is none. */
    private @Nullable Long sweepBegan;

    /** The earliest time of the next full comparison for a change, which hints have most likely reported already. */
    private long notBefore;

    /** The earliest time of the next full comparison for hints alone: half of the time is for other work. */
    private long restUntil;

    private boolean writing;
    private boolean revivalDue;
    private boolean revivalAsked;
    private boolean leaving;

    /** Whether no child has a known successor, and the members are being read. */
    private boolean lookingForSuccessors;

    private @Nullable RollingStop rolling;
    private Set<String> quarantined = Set.of();
    private long announced = -1;

    /**
     * A member that has launched nothing.
     *
     * @param flags the flags in the group's row
     * @param local without children
     */
    GroupMember(
            GroupDefinition definition,
            Flags flags,
            PeerContext peer,
            Confinement confinement,
            Timers timers,
            GroupStore store,
            PendingCalls calls,
            NotificationPace pace,
            LocalSupervisor local) {
        this.peer = peer;
        this.confinement = confinement;
        this.timers = timers;
        this.store = store;
        this.notBefore = timers.now();
        this.restUntil = timers.now();
        this.pace = pace;
        this.local = local;
        this.state = new GroupState(
                definition,
                local,
                confinement,
                timers,
                new Outbox(definition.settings().name(), peer.highestToken()),
                new OwnershipClaims(definition, peer, local.tokens()),
                calls,
                new GroupTermination(definition, flags.autoShutdown(), peer, local));
        this.recorder = new TransitionRecorder(peer, state);
        this.adoption = new AdoptionSchedule(peer, timers);
        this.lostRows = new LostRows(definition, peer);
        this.undeclared = new UndeclaredChildren(definition, peer);
    }

    /** The member's state. Its parts state whether other threads may use them. */
    GroupState state() {
        return state;
    }

    UndeclaredChildren undeclared() {
        return undeclared;
    }

    // ---- events

    /** An event from one run about itself, or from the watchdog about all runs. */
    void supervise(Event event) {
        assert confinement.holds();
        local.on(event);
        takeNotices();
    }

    /** See {@link LocalSupervisor#passTime}. */
    void passTime(Moment taken) {
        local.passTime(taken);
        takeNotices();
    }

    /**
     * Records what the last call of the local supervisor has caused. Called after each of them: what follows in the
     * same step must know which rows are out of date. Recording may make further calls.
     */
    private void takeNotices() {
        for (Notice next = local.nextNotice(); next != null; next = local.nextNotice()) {
            recorder.record(next);
        }
    }

    /**
     * Compares everything if the beat shows a change, and now and then without one. Comparisons for changes alone are
     * limited: while thousands of children are handed over, they would leave no time to carry out the changes.
     */
    void renewed(@Nullable GroupBeat beat, Sweep sweep) {
        if (!state.outbox.isEmpty()) {
            state.writeAtOnce();
        }
        state.termination.tryAgain();
        boolean changed = beat != null && beat.revision() != state.revision && timers.now() - notBefore >= 0;
        boolean ended = beat != null && beat.terminated() != state.termination.isTerminated();
        if (changed || ended || sweep == Sweep.FULL || state.owed) {
            lookAtAll();
        } else if (sweep == Sweep.IF_CHANGED && !lookAtAll) {
            lookIfChanged();
        }
    }

    /** The digest is read before the rows are: a change in between is found by the next digest. */
    private void lookIfChanged() {
        PeerId me = me();
        store.ask(
                session -> session.digest(state.group(), me),
                digest -> {
                    if (!digest.equals(state.digest)) {
                        newDigest = digest;
                        lookAtAll();
                    }
                },
                () -> state.owed = true);
    }

    /** Compares everything, but not more often than the pace allows. */
    void hinted() {
        if (!sweepDue) {
            sweepDue = true;
            Duration rest = Duration.ofNanos(Math.max(0, restUntil - timers.now()));
            Duration paced = pace.take(NotificationPace.EVERYTHING);
            timers.after(rest.compareTo(paced) >= 0 ? rest : paced, () -> {
                sweepDue = false;
                lookAtAll();
            });
        }
    }

    /** Compares these rows, or reads them again if a comparison is under way: it comes first. */
    void rowsRead(Set<String> childIds, List<ChildRow> rows) {
        if (isComparing() || lookAtAll || state.isComparing()) {
            look(childIds);
        } else {
            compare(childIds, rows);
        }
    }

    /** Compares a row that a call has just written. */
    void commanded(ChildRow row) {
        compare(Set.of(row.id()), List.of(row));
    }

    /**
     * Starts children whose rows this peer has just inserted. Protocol rule 11b: a new child's first token must exceed
     * every token that this peer had seen before. One that does not is raised before the child starts.
     */
    void inserted(List<ChildRow> rows, long heard) {
        Set<String> ids = ids(rows, ChildRow::id);
        state.launched.keySet().removeAll(ids); // whatever had this id before is another child
        rows.stream().filter(row -> row.token() <= heard).forEach(this::burn);
        rows.forEach(row -> peer.highestToken().heardOf(row.token()));
        apply(rows, context(List.of(), local.children(ids)));
    }

    /** Burns the row's token: from now on no other run may use it (protocol rules 7 and 8). */
    private void burn(ChildRow row) {
        local.tokens().burn(row.id(), row.token());
    }

    /** Acts on the group's own row. */
    void note(GroupRow row) {
        state.flags = row.flags();
        state.termination.note(row);
        takeNotices();
    }

    /** The outcome of a write is unknown, and no hint will report it: everything is compared with the next renewal. */
    void doubt() {
        state.revision = -1;
    }

    /**
     * Protocol rule 10: takes over the permitted children of a peer whose session is gone. If that peer is alive, it
     * finds that it no longer owns them. Not repeated if it fails: the children then move when the lease ends.
     */
    void sessionLost(SessionLock lost, long releasedAt, Duration delay) {
        timers.after(delay, () -> {
            ReconcileContext now = context(state.members, Map.of());
            store.ask(
                    session -> state.claims.takeOver(session, lost, row -> Reconciler.mayTakeOver(row, now)),
                    taken -> granted(state.claims.takenOver(taken, lost, releasedAt)),
                    this::doubt);
        });
    }

    /**
     * Protocol rule 9: stops every child. The members as last read choose the successors, so that no child with a
     * successor waits for the store: a successor that is no longer fit is found out by the hand-over itself. Only if
     * there is no successor at all, the members are read once more, as one may have joined since. That takes a renewal
     * interval at most.
     */
    void leave() {
        if (leaving) {
            return;
        }
        leaving = true;
        state.successors.choose(state.members, me());
        if (local.children().values().stream().anyMatch(child -> state.successors.isAnyFor(child.spec()))) {
            roll();
        } else {
            lookingForSuccessors = true;
            store.ask(session -> session.members(state.group()), this::leaveTo, this::leaveToNobody);
            timers.after(peer.settings().renewInterval(), this::leaveToNobody);
        }
    }

    private void leaveTo(List<MemberRow> members) {
        if (lookingForSuccessors) {
            lookingForSuccessors = false;
            state.successors.choose(members, me());
            roll();
        }
    }

    /** If the members are still being read: stops all children at once. */
    private void leaveToNobody() {
        if (lookingForSuccessors) {
            lookingForSuccessors = false;
            local.stopAll(StopReason.LEAVING);
            takeNotices();
        }
    }

    private void roll() {
        boolean startOrder = !state.initialChildren.isUndone();
        RollingStop waves = new RollingStop(
                local,
                state.successors,
                timers,
                startOrder,
                peer.settings().lease().dividedBy(2));
        rolling = waves;
        waves.tellNext();
        takeNotices();
    }

    /** The store does not answer: stops at once all children that still wait for it. */
    void hurry() {
        leaveToNobody();
        if (rolling != null) {
            rolling.tellAll();
            takeNotices();
        }
    }

    /** Clears the state of this incarnation: the next one owns none of its children. */
    void expelled() {
        state.expelled();
        adoption.clear();
        compareLater.clear();
        local.tokens().forgetChildren(); // rows may have lower tokens than were used here
        lookedToStart = false;
    }

    // ---- comparing

    /** Compares everything that concerns this peer with what runs, as soon as the comparison under way is over. */
    void lookAtAll() {
        lookAtAll = true;
    }

    /** Does the same for some children. */
    void look(Set<String> childIds) {
        childIds.forEach(state::compare);
    }

    /**
     * Begins the next comparison. Comparisons are carried out one at a time, each with its claims, so that children
     * start here in the order in which this peer learns of them.
     */
    private void compareNext() {
        if (isComparing()) {
            return;
        }
        endSweep();
        if (lookAtAll) {
            lookAtAll = false;
            state.takeToCompare(); // the full comparison includes them
            compareAll();
        } else if (state.isComparing()) {
            compareSome(state.takeToCompare());
        }
    }

    private boolean isComparing() {
        return reading || claiming > 0;
    }

    private void endSweep() {
        if (sweepBegan != null) {
            long now = timers.now();
            notBefore = now + REST_OF_SWEEPS * (now - sweepBegan);
            restUntil = now + (now - sweepBegan);
            sweepBegan = null;
        }
    }

    private void compareAll() {
        sweepBegan = timers.now();
        reading = true;
        writeFirst();
        PeerId me = me();
        Flags flags = state.flags;
        store.ask(session -> view(session, me, flags), this::viewed, this::unread);
        checkCalls();
    }

    private void compareSome(Set<String> childIds) {
        reading = true;
        writeFirst();
        PendingCalls calls = state.calls;
        store.ask(
                session -> {
                    List<ChildRow> rows = session.rows(state.group(), childIds);
                    calls.answer(childIds, rows);
                    return rows;
                },
                rows -> {
                    reading = false;
                    compare(childIds, rows);
                },
                this::unread);
    }

    private void unread() {
        reading = false;
        state.owed = true;
    }

    /** On the work thread. */
    private GroupView view(WorkSession session, PeerId me, Flags flags) {
        GroupView view = session.view(state.group(), me);
        if (view.group() != null) {
            return view;
        }
        peer.later(
                () -> log.warn("The row of group '{}' is gone from the database and is written again", state.group()));
        session.restoreGroup(state.group(), flags);
        return session.view(state.group(), me);
    }

    private void viewed(GroupView view) {
        reading = false;
        GroupRow row = view.group();
        if (row == null) {
            state.owed = true; // deleted again
            return;
        }
        state.owed = false;
        note(row);
        view.children().forEach(this::compareToken);
        revive(row, view.members());
        state.members = view.members();
        quarantined = view.children().stream()
                .filter(child -> child.phase() == Phase.QUARANTINED)
                .map(ChildRow::id)
                .collect(Collectors.toUnmodifiableSet());
        announced = -1;
        state.revision = row.revision();
        ReconcileContext now = context(view.members(), local.children());
        adoption.retain(view.children());
        lookedToStart = now.mayAct();
        boolean acts = apply(view.children(), now);
        List<Stop> strays = Reconciler.strays(view.children(), now);
        strays.stream().filter(stop -> !isUnderWay(stop.childId())).forEach(this::stop);
        state.digest = acts || !strays.isEmpty() ? null : newDigest;
        newDigest = null;
        forgetGone(view.children(), now);
        if (now.mayStart()) {
            List<MemberRow> members = view.members();
            store.ask(
                    session -> Stream.of(lostRows.look(session), undeclared.look(session, members)),
                    delays -> delays.filter(Objects::nonNull).forEach(delay -> timers.after(delay, this::lookAtAll)),
                    () -> {});
        }
    }

    /** Revives a terminated group if its automatic revival is due; otherwise schedules another look. */
    private void revive(GroupRow row, List<MemberRow> members) {
        int rank = ReconcileContext.rank(members, me());
        Duration left = state.termination.untilRevival(row, rank, timers.now());
        if (left == null || revivalAsked) {
            return;
        }
        if (left.isNegative() || left.isZero()) {
            PeerId me = me();
            revivalAsked = true;
            store.ask(
                    session -> session.reviveGroup(state.group(), me, row.death()),
                    revived -> {
                        revivalAsked = false;
                        if (revived) {
                            peer.later(() -> log.info("Group '{}' is revived after its delay", state.group()));
                            lookAtAll();
                        }
                    },
                    () -> {
                        revivalAsked = false;
                        state.owed = true;
                    });
        } else if (!revivalDue) {
            revivalDue = true;
            timers.after(left, () -> {
                revivalDue = false;
                lookAtAll();
            });
        }
    }

    /** Compares some rows with what runs, or everything if these rows do not suffice. */
    private void compare(Set<String> childIds, List<ChildRow> rows) {
        rows.forEach(this::compareToken);
        if (rows.stream().anyMatch(row -> row.isOrphan() || row.moveTo() != null)) {
            lookAtAll();
            return;
        }
        ReconcileContext now = context(List.of(), local.children(childIds));
        apply(rows, now);
        Set<String> found = ids(rows, ChildRow::id);
        childIds.stream()
                .filter(id -> !found.contains(id) && now.locals().containsKey(id) && !isUnderWay(id))
                .forEach(id -> stop(new Stop(id, StopReason.NOT_OWNED)));
    }

    private ReconcileContext context(List<MemberRow> members, Map<String, LocalChild> locals) {
        return new ReconcileContext(
                me(),
                peer.mayStart(),
                state.termination.isTerminated() || state.termination.isEnding(),
                members,
                state.definition.types().keySet(),
                locals,
                state.launched,
                peer.settings().maxCrashes(),
                local.tokens());
    }

    /** Something about the child is to be written, or a command that may change its row has not been answered. */
    private boolean isUnderWay(String childId) {
        return store.isChanging(childId) || state.outbox.contains(childId);
    }

    /** Returns whether there is anything to do for these rows, now or later. */
    private boolean apply(List<ChildRow> rows, ReconcileContext now) {
        Sorted actions = new Sorted();
        boolean later = false;
        for (ChildRow row : rows) {
            if (isUnderWay(row.id())) {
                compareLater.add(row.id());
                later = true;
            } else {
                ReconcileAction action = Reconciler.decide(row, state.claims.definition(row), now);
                if (action != null) {
                    action.sortInto(actions);
                }
            }
        }
        boolean acts = later || !actions.isEmpty();
        actions.claims.addAll(adoption.due(actions.defers, actions.tries));
        carryOut(actions);
        return acts;
    }

    /** Protocol rule 11b: a row never shows a lower token than one that was used here. */
    private void compareToken(ChildRow row) {
        peer.highestToken().heardOf(row.token());
        if (local.tokens().isOvertaken(row.id(), row.token())) {
            peer.wentBack("the fencing token of child '" + row.id() + "' of group '" + state.group() + "' is "
                    + row.token() + " and was " + local.tokens().burnt(row.id()));
        }
    }

    /** Forgets children that have no row and do not run here any more. */
    private void forgetGone(List<ChildRow> rows, ReconcileContext now) {
        Set<String> present = ids(rows, ChildRow::id);
        now.locals().values().stream()
                .filter(child -> !present.contains(child.id()) && child.status().isOver() && !isUnderWay(child.id()))
                .forEach(child -> forget(child.id()));
        state.launched.keySet().removeIf(id -> !present.contains(id) && local.child(id) == null);
    }

    // ---- acting

    private void carryOut(Sorted actions) {
        actions.stops.forEach(this::stop);
        actions.settles.forEach(settle -> state.outbox.settle(settle.row(), settle.phase()));
        if (!actions.settles.isEmpty()) {
            state.writeAtOnce();
        }
        actions.removals.stream()
                .collect(Collectors.groupingBy(Remove::why, LinkedHashMap::new, Collectors.toList()))
                .forEach(this::remove);
        actions.releases.forEach(this::release);
        actions.quarantines.forEach(this::quarantine);
        actions.withdrawals.forEach(withdrawal -> withdraw(withdrawal.row()));
        actions.raises.forEach(raise -> actions.claims.add(new Claim(raise.row(), raise.cause())));
        if (actions.claims.isEmpty()) {
            launch(actions.starts);
        } else {
            claim(actions.claims, actions.starts);
        }
    }

    private void stop(Stop stop) {
        local.stop(stop.childId(), stop.reason());
        takeNotices();
    }

    private void forget(String childId) {
        local.forget(childId);
        takeNotices();
    }

    private void remove(String why, List<Remove> removals) {
        List<OwnedToken> expected =
                removals.stream().map(Remove::row).map(OwnedToken::of).toList();
        Set<String> ids = ids(removals, removal -> removal.row().id());
        store.change(
                ids,
                session -> session.remove(state.group(), expected, why),
                locked -> ids.forEach(this::forget),
                () -> {});
        checkCalls();
    }

    /** Protocol rule 8: the old token is burnt before the hand-over is sent. */
    private void release(Release release) {
        ChildRow row = release.row();
        PeerId target = release.target();
        burn(row);
        List<OwnedToken> expected = List.of(state.claims.expected(row));
        store.change(
                Set.of(row.id()),
                session -> session.release(state.group(), expected, target),
                released -> {
                    if (released.contains(row.id())) {
                        forget(row.id());
                        state.claims.tellOfReleased(Set.of(row.id()), target);
                    }
                },
                () -> {});
        checkCalls();
    }

    /** If the row is not changed, another command or another peer was first. */
    private void quarantine(Quarantine quarantine) {
        ChildRow row = quarantine.row();
        String reason = row.suspicions() + " processes in a row died within a lease of its start";
        store.change(
                Set.of(row.id()),
                session -> session.quarantine(state.group(), OwnedToken.of(row), reason),
                done -> {
                    if (done) {
                        peer.later(() -> log.error(
                                "Child '{}' of group '{}' is quarantined until it is restarted: {}",
                                row.id(),
                                state.group(),
                                reason));
                        peer.publish(new SupervisorEvent.ChildQuarantined(
                                peer.now(), ChildViews.ref(state.group(), row), reason));
                    }
                },
                () -> {});
    }

    private void withdraw(ChildRow row) {
        store.change(
                Set.of(row.id()),
                session -> session.requestMove(state.group(), row.id(), row.revision(), null),
                done -> {},
                () -> {});
        checkCalls();
    }

    /**
     * Protocol rules 5 and 7: one compare-and-set for all claims; what to do next is decided when the answer is there.
     *
     * @param others children that could start now; they start together with the granted ones, in start order
     */
    private void claim(List<Claim> claims, List<Start> others) {
        OwnershipClaims.Request request = state.claims.request(claims);
        List<Claim> waiting = others.stream()
                .map(start -> new Claim(start.row(), start.cause()))
                .toList();
        Set<String> ids = ids(claims, claim -> claim.row().id());
        ids.addAll(ids(others, start -> start.row().id()));
        claiming++;
        store.change(
                ids,
                request::send,
                tokens -> {
                    claiming--;
                    if (tokens.size() < claims.size()) {
                        doubt(); // another peer owns the child, or another session keeps its row locked: look again
                    }
                    List<Claim> granted = state.claims.granted(claims, tokens);
                    granted.addAll(waiting);
                    granted(granted);
                },
                () -> {
                    claiming--;
                    doubt();
                    lookedToStart = false;
                    granted(waiting);
                });
    }

    /** Decides again about children that were granted to this peer, and usually starts them. */
    private void granted(List<Claim> granted) {
        ReconcileContext now = context(
                state.members, local.children(ids(granted, claim -> claim.row().id())));
        Sorted actions = new Sorted();
        for (Claim claim : granted) {
            ReconcileAction next = Reconciler.decide(claim.row(), now);
            if (next != null) {
                (next instanceof Start start ? new Start(start.row(), claim.cause()) : next).sortInto(actions);
            }
        }
        carryOut(actions);
        state.claims.tellOfAdopted();
    }

    private void launch(List<Start> starts) {
        if (!peer.mayStart()) {
            return;
        }
        starts.sort(Comparator.comparingLong((Start start) -> start.row().order())
                .thenComparing(start -> start.row().id()));
        List<Launch> batch = new ArrayList<>();
        for (Start start : starts) {
            ChildRow row = start.row();
            state.claims.handedOver(start);
            burn(row);
            LocalChild child = local.child(row.id());
            if (child != null && child.status() == Status.AWAITING_TOKEN) {
                local.granted(row.id(), row.token());
                takeNotices();
            } else {
                state.launched.put(row.id(), new Launched(row.revision(), row.command(), !row.isAnswered()));
                batch.add(new Launch(
                        Objects.requireNonNull(row.spec(), "only rows with a spec are started"),
                        row.order(),
                        row.token(),
                        start.cause(),
                        attempt(row),
                        row.isStatic()));
            }
        }
        if (!batch.isEmpty()) {
            local.start(batch);
            takeNotices();
        }
    }

    private Attempt attempt(ChildRow row) {
        if (!row.isAnswered()) {
            return Attempt.COMMANDED;
        }
        return row.isStatic() && state.initialChildren.isPending() ? Attempt.INITIAL : Attempt.FIRST;
    }

    // ---- writing

    /** Called before rows are read: rows with pending writes would not be compared. */
    private void writeFirst() {
        if (!state.outbox.isEmpty()) {
            state.writeAtOnce();
            write();
        }
    }

    /** Writes one batch at a time. What comes up meanwhile goes into the next batch. */
    private void write() {
        if (writing || !state.isToWrite()) {
            return;
        }
        state.writing();
        PeerId me = me();
        Outbox.Batch batch = state.outbox.take(me);
        if (batch.isEmpty()) {
            return;
        }
        writing = true;
        PendingCalls calls = state.calls;
        store.change(
                batch.childIds(),
                session -> calls.write(batch, session, me),
                written -> {
                    writing = false;
                    state.outbox.putBack(batch, written);
                    if (!written.released().isEmpty()) {
                        written.released().forEach(this::forget);
                        state.claims.tellOfReleased(written.released(), null);
                    }
                },
                () -> {
                    writing = false;
                    state.outbox.putBack(batch);
                });
    }

    /** Checks waiting calls after the command that may have answered them. */
    private void checkCalls() {
        state.calls.checkSoon();
    }

    // ---- at the end of each step

    /** Carries out what this step has left to do, and what had to wait for other work. */
    void settle() {
        if (rolling != null) {
            rolling.tellDue();
            takeNotices();
        }
        state.releaseHeld(!local.isAnyStoppable(), peer.settings().lease());
        terminate();
        write();
        if (rolling != null) {
            rolling.advance(this::isUnderWay);
        }
        if (!compareLater.isEmpty()) { // this runs after every step
            compareLater.stream().filter(id -> !isUnderWay(id)).toList().forEach(id -> {
                compareLater.remove(id);
                state.compare(id);
            });
        }
        if (adoption.takeLookAgain()) {
            lookAtAll();
        }
        compareNext();
        if (state.initialChildren.isPending() && lookedToStart && !store.isChanging() && peer.mayStart()) {
            lookedToStart = false;
            state.initialChildren.begin(state.launched.keySet());
        }
    }

    /** Ends the group if one of its significant children, or too many restarts, demand that. */
    private void terminate() {
        String group = state.group();
        GroupTermination termination = state.termination;
        switch (termination.next(this::isUnderWay)) {
            case NOTHING -> {}
            case ASK_FOR_OTHERS ->
                store.ask(
                        session -> session.hasActiveSignificant(group),
                        termination::othersActive,
                        termination::unanswered);
            case TERMINATE -> {
                PeerId me = me();
                GroupTermination.Sentence due = termination.sentence();
                store.ask(
                        session -> session.terminateGroup(group, due.cause(), due.reason(), me),
                        written -> {
                            termination.written(due);
                            takeNotices();
                            lookAtAll();
                        },
                        termination::unanswered);
            }
        }
    }

    /** The snapshot for other threads; null if nothing in it has changed. */
    @Nullable
    GroupSnapshot snapshot(GroupSnapshot last) {
        LeaveState leave = leaveState();
        boolean terminated = state.termination.isTerminated();
        if (announced == local.version() && last.leave() == leave && last.terminated() == terminated) {
            return null;
        }
        announced = local.version();
        Map<Status, Integer> counts = new EnumMap<>(Status.class);
        for (Status status : Status.values()) {
            if (!local.ids(status).isEmpty()) {
                counts.put(status, local.ids(status).size());
            }
        }
        Set<String> kept = new HashSet<>(quarantined);
        kept.addAll(local.ids(Status.QUARANTINED));
        return new GroupSnapshot(
                terminated,
                counts,
                Set.copyOf(local.ids(Status.STUCK)),
                Set.copyOf(local.ids(Status.ABANDONED)),
                Set.copyOf(kept),
                leave);
    }

    private LeaveState leaveState() {
        if (!leaving || lookingForSuccessors || (rolling != null && !rolling.isOver())) {
            return LeaveState.UNTOLD;
        }
        if (local.isAnyStoppable()) {
            return LeaveState.STOPPING;
        }
        boolean unwritten = !state.outbox.isEmpty()
                || lookAtAll
                || state.isComparing()
                || state.owed
                || state.termination.hasUnwritten()
                || store.isAsked();
        return unwritten ? LeaveState.WRITING : LeaveState.DONE;
    }

    private PeerId me() {
        return peer.incarnation().id();
    }

    private static <T> Set<String> ids(Collection<T> things, Function<T, String> id) {
        return things.stream().map(id).collect(Collectors.toCollection(HashSet::new));
    }
}
