package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.mirror.Action.Claim;
import io.github.mirroredsupervisor.mirror.Action.Stop;
import io.github.mirroredsupervisor.mirror.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.mirror.GroupRow.Flags;
import io.github.mirroredsupervisor.supervision.LocalChild;
import io.github.mirroredsupervisor.supervision.LocalSupervisor;
import io.github.mirroredsupervisor.supervision.StopReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer's part in one group: compares its rows with what runs here. Level-triggered: what
 * a lost hint or a failed write left undone is found by the next reconciliation. Confined to the work thread, save where a method says otherwise.
 */
final class Member {

    private static final Logger log = LoggerFactory.getLogger(Member.class);

    /** Protocol rule 6: how much longer each later peer waits before it acts on what earlier ones should act on. */
    static final Duration RANK_STEP = Duration.ofMillis(50);

    private final GroupDefinition definition;
    private final Grants grants;
    private final PeerContext peer;
    private final LocalSupervisor local;
    private final Transit transit;
    private final Outbox outbox;
    private final Answers answers;
    private final GroupLife life;
    private final InitialStart initialStart;

    private final Enactor enactor;
    private final Successors successors;
    private final Ledger ledger;
    private final Orphans orphans;
    private final LostRows lostRows;
    private final Undeclared undeclared;
    private final Setbacks setbacks = new Setbacks();

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
    Member(
            GroupDefinition definition,
            AutoShutdown autoShutdown,
            PeerContext peer,
            LocalSupervisor local,
            Transit transit) {
        this.transit = transit;
        this.definition = definition;
        this.ledger = new Ledger(local.tokens());
        this.flags = Flags.of(definition.settings());
        this.successors = new Successors(definition);
        this.grants = new Grants(definition, peer, ledger);
        this.peer = peer;
        this.local = local;
        this.orphans = new Orphans(peer, this::reconcileAll);
        this.lostRows = new LostRows(definition, peer, this::reconcileAll);
        this.undeclared = new Undeclared(definition, peer, this::reconcileAll);
        this.outbox = new Outbox(group(), peer.highestToken());
        this.answers = new Answers(
                group(), peer.work(), peer.settings().renewInterval(), new HintPace(peer.machine()::nanoTime));
        this.initialStart = new InitialStart(definition);
        this.life = new GroupLife(definition, autoShutdown, peer, local);
        this.enactor = new Enactor(
                group(), peer, local, new Enactor.Tools(transit, grants, ledger, outbox, orphans, initialStart));
    }

    String group() {
        return definition.settings().name();
    }

    /** Any thread. */
    LocalSupervisor local() {
        return local;
    }

    Answers answers() {
        return answers;
    }

    Outbox outbox() {
        return outbox;
    }

    GroupLife life() {
        return life;
    }

    /** Any thread. */
    InitialStart initialStart() {
        return initialStart;
    }

    /** Any thread: the group was terminated, as far as this peer knows. */
    boolean isTerminated() {
        return life.isTerminated();
    }

    /** Any thread: the revision of the group at the last full reconciliation. */
    long revision() {
        return revision;
    }

    /** Any thread: the members at the last full reconciliation. */
    List<MemberRow> members() {
        return members;
    }

    /** Any thread: the quarantined children that nobody else owned at the last full reconciliation. */
    Set<String> quarantined() {
        return quarantined;
    }

    /** Any thread: ends the local supervisor's thread, and the waits of those who called here. */
    void close() {
        local.close();
        answers.close();
    }

    /** The next incarnation owns none of what this one did. */
    void expelled() {
        outbox.clear();
        orphans.clear();
        ledger.expelled();
        undeclared.startAnew();
        revision = -1;
    }

    Successors successors() {
        return successors;
    }

    /** Compares everything that concerns this peer with what runs. */
    void reconcileAll(WorkSession session) {
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
        Situation now = situation(view.members(), local.children());
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
        int rank = Situation.rank(members, me(), member -> true);
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
    void reconcile(WorkSession session, Set<String> childIds) {
        outbox.flush(session, me());
        List<ChildRow> rows = session.rows(group(), childIds);
        rows.forEach(this::compareToken);
        if (rows.stream().anyMatch(r -> r.isOrphan() || r.moveTo() != null)) {
            reconcileAll(session);
            return;
        }
        Situation now = situation(List.of(), local.children(childIds));
        apply(session, rows, now);
        Set<String> found = rows.stream().map(ChildRow::id).collect(Collectors.toSet());
        childIds.stream()
                .filter(id -> !found.contains(id) && now.locals().containsKey(id))
                .forEach(id -> stop(new Stop(id, StopReason.NOT_OWNED)));
        answers.check(session);
    }

    /** Starts children whose rows this peer has just inserted or been granted. */
    void startNow(WorkSession session, List<ChildRow> rows) {
        Set<String> ids = rows.stream().map(ChildRow::id).collect(Collectors.toSet());
        ids.forEach(ledger::forget); // whatever had this id before is another child
        raiseLow(session, rows);
        apply(session, rows, situation(List.of(), local.children(ids)));
    }

    /** Protocol rule 11b: a new child's first token exceeds every other that this peer has heard of, or the database has forgotten some. */
    private void raiseLow(WorkSession session, List<ChildRow> rows) {
        long highest = peer.highestToken().get();
        List<ChildRow> low = rows.stream().filter(row -> row.token() <= highest).toList();
        if (!low.isEmpty()) {
            low.forEach(ledger::burn);
            peer.tokensAreBehind(session);
        }
        rows.forEach(row -> peer.highestToken().heardOf(row.token()));
    }

    /** Nobody knows what became of something that was to be written, and nobody else is told of: all is compared with the next renewal. */
    void lookAgain() {
        revision = -1;
    }

    /** Whether a new child of that type may run here: this peer knows the type and, by what was read of the members last, is not cordoned. */
    boolean takes(String type) {
        return definition.types().containsKey(type)
                && members.stream().noneMatch(m -> m.id().equals(me()) && m.cordoned());
    }

    /**
     * Claims an orphan for a start that was called here, without waiting for earlier peers. Returns whether it was this peer that got it.
     *
     * @throws StoreRefusedException if the database refuses to change its row
     */
    boolean claimNow(WorkSession session, ChildRow row) {
        if (!grants.claim(session, List.of(new Claim(row, StartCause.STARTED))).isEmpty()) {
            return true;
        }
        session.refusal(group(), row.id()).ifPresent(refusal -> {
            throw new StoreRefusedException(String.valueOf(refusal.getMessage()), refusal.sqlState(), refusal);
        });
        return false;
    }

    /** Protocol rule 10: takes what may be taken from a peer whose session is gone. It may live, and then finds that it owns them no more. */
    void takeOver(WorkSession session, SessionLock lost, long releasedAt) {
        Situation now = situation(members, local.children());
        List<ChildRow> takeable = session.immediate(group(), lost.peer()).stream()
                .map(grants::defined)
                .filter(row -> Reconciler.mayTakeOver(row, now))
                .toList();
        if (!takeable.isEmpty()) {
            enactor.enactGranted(session, grants.takeOver(session, takeable, lost, releasedAt), now);
        }
    }

    /**
     * The local supervisor's thread goes on meanwhile. What it is only about to say of a child keeps that one from being acted on, and so does what it has said and
     * nobody has written: a row is not compared with a state that it cannot know of.
     */
    private Situation situation(List<MemberRow> members, Map<String, LocalChild> locals) {
        unannounced = local.unannounced();
        transit.take();
        return new Situation(
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
    private boolean apply(WorkSession session, List<ChildRow> rows, Situation now) {
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
    private void forgetGone(List<ChildRow> rows, Situation now) {
        Set<String> present = rows.stream().map(ChildRow::id).collect(Collectors.toSet());
        now.locals().values().stream()
                .filter(c -> !present.contains(c.id()) && c.status().isOver())
                .forEach(c -> local.forget(c.id()));
        ledger.retain(present, now.locals().keySet());
    }

    /** Acts on the group's own row. */
    void note(GroupRow row) {
        flags = row.flags();
        if (life.note(row)) {
            ledger.nothingInFlight();
        }
    }

    Ledger ledger() {
        return ledger;
    }

    /** A child that was to run could not be started and waits: it is offered to another peer, or waits for longer. Returns whether it was offered. */
    boolean offer(LocalChild child) {
        // Children that depend on each other stay together.
        PeerId next = local.isOneForOne() ? Setbacks.next(members, me(), child.spec()) : null;
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

    Setbacks setbacks() {
        return setbacks;
    }

    /** Any thread. */
    Grants grants() {
        return grants;
    }

    ChildRef ref(String childId, long token) {
        return new ChildRef(group(), childId, token, peer.incarnation().ref());
    }

    private PeerId me() {
        return peer.incarnation().id();
    }
}
