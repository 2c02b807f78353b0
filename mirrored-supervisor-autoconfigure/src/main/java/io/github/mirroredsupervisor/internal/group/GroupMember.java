package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Claim;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Stop;
import io.github.mirroredsupervisor.internal.sessions.NotificationPace;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.store.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.internal.store.GroupRow;
import io.github.mirroredsupervisor.internal.store.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.store.GroupSettings;
import io.github.mirroredsupervisor.internal.store.GroupView;
import io.github.mirroredsupervisor.internal.store.MemberRow;
import io.github.mirroredsupervisor.internal.store.SessionLock;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer's part in one group: compares its rows with what runs here. Level-triggered: what a lost hint or a failed
 * write left undone is found by the next reconciliation. Confined to the work thread, save where a method says
 * otherwise.
 */
public final class GroupMember {

    private static final Logger log = LoggerFactory.getLogger(GroupMember.class);

    /** Protocol rule 6: how much longer each later peer waits before it acts on what earlier ones should act on. */
    public static final Duration RANK_STEP = Duration.ofMillis(50);

    private final GroupDefinition definition;
    private final OwnershipClaims grants;
    private final PeerContext peer;
    private final LocalSupervisor local;
    private final Transit transit;
    private final Outbox outbox;
    private final PendingCalls answers;
    private final GroupTermination life;
    private final InitialChildren initialStart;

    private final ReconcileExecutor enactor;
    private final Successors successors;
    private final LaunchLedger ledger;
    private final AdoptionSchedule orphans;
    private final LostRows lostRows;
    private final UndeclaredChildren undeclared;
    private final FailedStarts setbacks = new FailedStarts();

    private Set<String> unannounced = Set.of();

    private boolean revivalScheduled;

    /** As the group's row had them last, to write it again with. */
    private Flags flags;

    private volatile long revision = -1;
    private volatile List<MemberRow> members = List.of();
    private volatile Set<String> quarantined = Set.of();

    /** What the local supervisor's thread says, on its way to the work thread. */
    interface Transit {

        /** Behind what it said before. Any thread. */
        void enqueue(Runnable step);

        /** Takes over what has arrived. On the work thread. */
        void take();
    }

    /** A member that has launched nothing. */
    public GroupMember(
            GroupDefinition definition,
            AutoShutdown autoShutdown,
            PeerContext peer,
            LocalSupervisor local,
            Transit transit) {
        this.transit = transit;
        this.definition = definition;
        this.ledger = new LaunchLedger(local.tokens());
        this.flags = Flags.of(definition.settings());
        this.successors = new Successors(definition);
        this.grants = new OwnershipClaims(definition, peer, ledger);
        this.peer = peer;
        this.local = local;
        this.orphans = new AdoptionSchedule(peer, this::reconcileAll);
        this.lostRows = new LostRows(definition, peer, this::reconcileAll);
        this.undeclared = new UndeclaredChildren(definition, peer, this::reconcileAll);
        this.outbox = new Outbox(group(), peer.highestToken());
        this.answers = new PendingCalls(
                group(), peer.work(), peer.settings().renewInterval(), new NotificationPace(peer.machine()::nanoTime));
        this.initialStart = new InitialChildren(definition);
        this.life = new GroupTermination(definition, autoShutdown, peer, local);
        this.enactor = new ReconcileExecutor(
                group(),
                peer,
                local,
                new ReconcileExecutor.Tools(transit, grants, ledger, outbox, orphans, initialStart));
    }

    public String group() {
        return definition.settings().name();
    }

    /** Any thread. */
    public LocalSupervisor local() {
        return local;
    }

    public PendingCalls answers() {
        return answers;
    }

    Outbox outbox() {
        return outbox;
    }

    GroupTermination life() {
        return life;
    }

    /** Any thread. */
    public InitialChildren initialStart() {
        return initialStart;
    }

    /** Any thread: the group was terminated, as far as this peer knows. */
    public boolean isTerminated() {
        return life.isTerminated();
    }

    /** Any thread: the revision of the group at the last full reconciliation. */
    public long revision() {
        return revision;
    }

    /** Any thread: the members at the last full reconciliation. */
    public List<MemberRow> members() {
        return members;
    }

    /** Any thread: the quarantined children that nobody else owned at the last full reconciliation. */
    public Set<String> quarantined() {
        return quarantined;
    }

    /** Any thread: ends the local supervisor's thread, and the waits of those who called here. */
    public void close() {
        local.close();
        answers.close();
    }

    /** The next incarnation owns none of what this one did. */
    public void expelled() {
        outbox.clear();
        orphans.clear();
        ledger.expelled();
        undeclared.startAnew();
        revision = -1;
    }

    public Successors successors() {
        return successors;
    }

    /** Compares everything that concerns this peer with what runs. */
    public void reconcileAll(WorkSession session) {
        outbox.flush(session, me());
        GroupView view = session.view(group(), me());
        if (view.group() == null) {
            log.warn("The row of group '{}' is gone from the database and is written again", group());
            session.restoreGroup(group(), flags);
            view = session.view(group(), me());
        }
        GroupRow row = view.group();
        if (row == null) {
            throw new IllegalStateException("the row of group " + group() + " was deleted again");
        }
        note(row);
        view.children().forEach(this::compareToken);
        if (revive(session, row, view.members())) {
            return; // all of it is looked at again
        }
        members = view.members();
        quarantined = view.children().stream()
                .filter(child -> child.phase() == Phase.QUARANTINED)
                .map(ChildRow::id)
                .collect(Collectors.toUnmodifiableSet());
        revision = -1; // until all of it is carried out
        ReconcileContext now = situation(view.members(), local.children());
        orphans.retain(view.children());
        boolean granted = apply(session, view.children(), now);
        Reconciler.strays(view.children(), now).forEach(this::stop);
        forgetGone(view.children(), now);
        revision = granted ? row.revision() : -1;
        if (initialStart.isPending() && peer.mayStart()) {
            initialStart.begin(ledger.launched().keySet());
        }
        answers.check(session);
        if (now.mayStart()) {
            lostRows.look(session);
            undeclared.look(session, members);
        }
    }

    /** Revives a terminated group that is to be revived by itself, or comes back to that in time. */
    private boolean revive(WorkSession session, GroupRow row, List<MemberRow> members) {
        int rank = ReconcileContext.rank(members, me(), member -> true);
        Duration left = life.untilRevival(row, rank, peer.machine().nanoTime());
        if (left == null) {
            return false;
        }
        if ((left.isNegative() || left.isZero()) && session.reviveGroup(group(), me(), row.death())) {
            log.info("Group '{}' is revived after its delay", group());
            reconcileAll(session);
            return true;
        }
        if (!revivalScheduled && !left.isNegative()) {
            revivalScheduled = true;
            peer.work().schedule(this::afterRevivalDelay, left);
        }
        return false;
    }

    private void afterRevivalDelay(WorkSession session) {
        revivalScheduled = false;
        reconcileAll(session);
    }

    /** Compares some rows with what runs; all of them where that does not suffice. */
    public void reconcile(WorkSession session, Set<String> childIds) {
        outbox.flush(session, me());
        List<ChildRow> rows = session.rows(group(), childIds);
        rows.forEach(this::compareToken);
        if (rows.stream().anyMatch(r -> r.isOrphan() || r.moveTo() != null)) {
            reconcileAll(session);
            return;
        }
        ReconcileContext now = situation(List.of(), local.children(childIds));
        apply(session, rows, now);
        Set<String> found = rows.stream().map(ChildRow::id).collect(Collectors.toSet());
        childIds.stream()
                .filter(id -> !found.contains(id) && now.locals().containsKey(id))
                .forEach(id -> stop(new Stop(id, StopReason.NOT_OWNED)));
        answers.check(session);
    }

    /** Starts children whose rows this peer has just inserted or been granted. */
    public void startNow(WorkSession session, List<ChildRow> rows) {
        Set<String> ids = rows.stream().map(ChildRow::id).collect(Collectors.toSet());
        ids.forEach(ledger::forget); // whatever had this id before is another child
        burnLow(rows);
        apply(session, rows, situation(List.of(), local.children(ids)));
    }

    /**
     * Protocol rule 11b: a new child's first token exceeds every other that this peer has heard of. One that does not
     * is raised before the child starts.
     */
    private void burnLow(List<ChildRow> rows) {
        long highest = peer.highestToken().get();
        rows.stream().filter(row -> row.token() <= highest).forEach(ledger::burn);
        rows.forEach(row -> peer.highestToken().heardOf(row.token()));
    }

    /**
     * Nobody knows what became of something that was to be written, and nobody else is told of: all is compared with
     * the next renewal.
     */
    public void lookAgain() {
        revision = -1;
    }

    /**
     * Whether a new child of that type may run here: this peer knows the type and, by what was read of the members
     * last, is not cordoned.
     */
    public boolean takes(String type) {
        return definition.types().containsKey(type)
                && members.stream().noneMatch(m -> m.id().equals(me()) && m.cordoned());
    }

    /**
     * Claims an orphan for a start that was called here, without waiting for earlier peers. Returns whether it was this
     * peer that got it.
     *
     * @throws StoreRefusedException if the database refuses to change its row
     */
    public boolean claimNow(WorkSession session, ChildRow row) {
        if (!grants.claim(session, List.of(new Claim(row, StartCause.STARTED))).isEmpty()) {
            return true;
        }
        session.refusal(group(), row.id()).ifPresent(refusal -> {
            throw new StoreRefusedException(String.valueOf(refusal.getMessage()), refusal.sqlState(), refusal);
        });
        return false;
    }

    /**
     * Protocol rule 10: takes what may be taken from a peer whose session is gone. It may live, and then finds that it
     * owns them no more.
     */
    public void takeOver(WorkSession session, SessionLock lost, long releasedAt) {
        ReconcileContext now = situation(members, local.children());
        List<ChildRow> takeable = session.immediate(group(), lost.peer()).stream()
                .map(grants::defined)
                .filter(row -> Reconciler.mayTakeOver(row, now))
                .toList();
        if (!takeable.isEmpty()) {
            enactor.enactGranted(session, grants.takeOver(session, takeable, lost, releasedAt), now);
        }
    }

    /**
     * The local supervisor's thread goes on meanwhile. What it is only about to say of a child keeps that one from
     * being acted on, and so does what it has said and nobody has written: a row is not compared with a state that it
     * cannot know of.
     */
    private ReconcileContext situation(List<MemberRow> members, Map<String, LocalChild> locals) {
        unannounced = local.unannounced();
        transit.take();
        return new ReconcileContext(
                me(),
                peer.mayStart(),
                isTerminated() || life.isEnding(),
                members,
                definition.types().keySet(),
                locals,
                ledger.launched(),
                ledger.inFlight(),
                peer.settings().maxCrashes(),
                ledger.tokens()::burnt);
    }

    /** Returns whether nothing was refused that was asked for. */
    private boolean apply(WorkSession session, List<ChildRow> rows, ReconcileContext now) {
        Set<String> unwritten = outbox.unwritten(); // their rows are not up to date
        Map<Boolean, List<ChildRow>> written = rows.stream()
                .filter(row -> !unwritten.contains(row.id()))
                .collect(Collectors.partitioningBy(row -> unannounced.contains(row.id())));
        boolean granted = enactor.enact(session, written.getOrDefault(false, List.of()), now);
        Set<String> later =
                written.getOrDefault(true, List.of()).stream().map(ChildRow::id).collect(Collectors.toSet());
        if (!later.isEmpty()) {
            peer.work().submit(next -> reconcile(next, later));
        }
        return granted;
    }

    /** Protocol rule 11b: a row never shows a lower token than one that was used here. */
    private void compareToken(ChildRow row) {
        peer.highestToken().heardOf(row.token());
        if (ledger.tokens().isOvertaken(row.id(), row.token())) {
            peer.wentBack("the fencing token of child '" + row.id() + "' of group '" + group() + "' is " + row.token()
                    + " and was " + ledger.tokens().burnt(row.id()));
        }
    }

    private void stop(Stop stop) {
        local.stop(stop.childId(), stop.reason());
    }

    /** Children that are neither in the rows nor here any more need no memory. */
    private void forgetGone(List<ChildRow> rows, ReconcileContext now) {
        Set<String> present = rows.stream().map(ChildRow::id).collect(Collectors.toSet());
        now.locals().values().stream()
                .filter(c -> !present.contains(c.id()) && c.status().isOver())
                .forEach(c -> local.forget(c.id()));
        ledger.retain(present, now.locals().keySet());
    }

    /** Acts on the group's own row. */
    public void note(GroupRow row) {
        flags = row.flags();
        if (life.note(row)) {
            ledger.nothingInFlight();
        }
    }

    public LaunchLedger ledger() {
        return ledger;
    }

    /**
     * A child that was to run could not be started and waits: it is offered to another peer, or waits for longer.
     * Returns whether it was offered.
     */
    boolean offer(LocalChild child) {
        // Children that depend on each other stay together.
        PeerId next = local.isOneForOne() ? FailedStarts.next(members, me(), child.spec()) : null;
        PeerId target = setbacks.failed(child.id(), next);
        if (target != null) {
            log.warn(
                    "Child '{}' of group '{}' cannot be started here: {}. Peer {} is to try",
                    child.id(),
                    group(),
                    child.lastExit() == null ? "" : child.lastExit().reason(),
                    target);
            outbox.release(child, target);
            return true;
        }
        Duration own = child.spec().restartDelay();
        GroupSettings settings = definition.settings();
        Duration longer =
                setbacks.delay(child.id(), own == null ? settings.restartDelay() : own, settings.restartDelayMax());
        if (longer != null) {
            local.postpone(child.id(), child.token(), longer);
        }
        return false;
    }

    FailedStarts setbacks() {
        return setbacks;
    }

    /** Any thread. */
    public OwnershipClaims grants() {
        return grants;
    }

    public ChildRef ref(String childId, long token) {
        return new ChildRef(group(), childId, token, peer.incarnation().ref());
    }

    private PeerId me() {
        return peer.incarnation().id();
    }
}
