package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.mirror.Action.Claim;
import io.github.mirroredsupervisor.mirror.Action.Defer;
import io.github.mirroredsupervisor.mirror.Action.Quarantine;
import io.github.mirroredsupervisor.mirror.Action.Raise;
import io.github.mirroredsupervisor.mirror.Action.Release;
import io.github.mirroredsupervisor.mirror.Action.Remove;
import io.github.mirroredsupervisor.mirror.Action.Settle;
import io.github.mirroredsupervisor.mirror.Action.Start;
import io.github.mirroredsupervisor.mirror.Action.Stop;
import io.github.mirroredsupervisor.mirror.Action.Try;
import io.github.mirroredsupervisor.mirror.Action.WithdrawMove;
import io.github.mirroredsupervisor.mirror.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.supervision.Attempt;
import io.github.mirroredsupervisor.supervision.Launch;
import io.github.mirroredsupervisor.supervision.LocalChild;
import io.github.mirroredsupervisor.supervision.LocalChild.Status;
import io.github.mirroredsupervisor.supervision.LocalSupervisor;
import io.github.mirroredsupervisor.supervision.StopReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer's part in one group: carries out what the {@link Reconciler} decides, and writes what the local supervisor reports. Level-triggered: what
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

    private final Successors successors;
    private final Ledger ledger = new Ledger();
    private final Orphans orphans;

    private Set<String> unannounced = Set.of();

    /** Some grants were refused: another owns the child, or somebody keeps its row locked. Either is worth another look. */
    private boolean refusedGrants;

    private boolean revivalScheduled;

    private volatile long revision = -1;
    private volatile List<MemberRow> members = List.of();

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
        this.successors = new Successors(definition);
        this.grants = new Grants(definition, peer, ledger);
        this.peer = peer;
        this.local = local;
        this.orphans = new Orphans(peer, this::reconcileAll);
        this.outbox = new Outbox(group());
        this.answers = new Answers(group(), peer.work(), peer.settings().renewInterval());
        this.initialStart = new InitialStart(definition);
        this.life = new GroupLife(definition, autoShutdown, peer, local);
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

    /** Any thread: ends the local supervisor's thread, and the waits of those who called here. */
    void close() {
        local.close();
        answers.close();
    }

    /** The next incarnation owns none of what this one did. */
    void expelled() {
        outbox.clear();
        orphans.clear();
        revision = -1;
    }

    Successors successors() {
        return successors;
    }

    /** Compares everything that concerns this peer with what runs. */
    void reconcileAll(WorkSession session) {
        outbox.flush(session, me());
        GroupView view = session.view(group(), me());
        note(view.group());
        if (revive(session, view)) {
            return; // all of it is looked at again
        }
        members = view.members();
        revision = -1; // until all of it is carried out
        Situation now = situation(view.members(), local.children());
        orphans.retain(view.children());
        apply(session, view.children(), now);
        Reconciler.strays(view.children(), now).forEach(stray -> stop((Stop) stray));
        forgetGone(view.children(), now);
        revision = refusedGrants ? -1 : view.group().revision();
        if (initialStart.isPending() && peer.mayStart()) {
            initialStart.begin(ledger.launched().keySet());
        }
        answers.check(session);
    }

    /** Revives a terminated group that is to be revived by itself, or comes back to that in time. */
    private boolean revive(WorkSession session, GroupView view) {
        int rank = Situation.rank(view.members(), me(), member -> true);
        Duration left = life.untilRevival(view.group(), rank, peer.machine().nanoTime());
        if (left == null) {
            return false;
        }
        if ((left.isNegative() || left.isZero())
                && session.reviveGroup(group(), me(), view.group().death())) {
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
        apply(session, rows, situation(List.of(), local.children(ids)));
    }

    /** Nobody knows what became of something that was to be written, and nobody else is told of: all is compared with the next renewal. */
    void lookAgain() {
        revision = -1;
    }

    /** Claims an orphan for a start that was called here, without waiting for earlier peers. Returns whether it was this peer that got it. */
    boolean claimNow(WorkSession session, ChildRow row) {
        return !grants.claim(session, List.of(new Claim(row, StartCause.STARTED)))
                .isEmpty();
    }

    /** Protocol rule 10: takes what may be taken from a peer whose session is gone. It may live, and then finds that it owns them no more. */
    void takeOver(WorkSession session, SessionLock lost, long releasedAt) {
        Situation now = situation(members, local.children());
        List<ChildRow> takeable = session.immediate(group(), lost.peer()).stream()
                .map(grants::defined)
                .filter(row -> Reconciler.mayTakeOver(row, now))
                .toList();
        if (!takeable.isEmpty()) {
            carryOut(session, starts(grants.takeOver(session, takeable, lost, releasedAt), now));
            grants.tellOfAdopted();
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
                ledger.spent());
    }

    private void apply(WorkSession session, List<ChildRow> rows, Situation now) {
        List<Claim> claims = new ArrayList<>();
        List<Action> others = new ArrayList<>();
        List<Defer> defers = new ArrayList<>();
        List<Try> tries = new ArrayList<>();
        Set<String> unwritten = outbox.unwritten(); // their rows are not up to date
        Set<String> later = new HashSet<>();
        for (ChildRow row : rows) {
            if (unwritten.contains(row.id())) {
                continue;
            }
            if (unannounced.contains(row.id())) {
                later.add(row.id());
                continue;
            }
            Action action = Reconciler.decide(grants.defined(row), now);
            if (action instanceof Claim claim) {
                claims.add(claim);
            } else if (action instanceof Defer defer) {
                defers.add(defer);
            } else if (action instanceof Try one) {
                tries.add(one);
            } else if (action != null) {
                others.add(action);
            }
        }
        claims.addAll(orphans.due(defers, tries));
        List<Claim> succeeded = grants.claim(session, claims);
        refusedGrants = succeeded.size() < claims.size();
        others.addAll(starts(succeeded, now));
        carryOut(session, others);
        grants.tellOfAdopted();
        if (!later.isEmpty()) {
            peer.work().submit(next -> reconcile(next, later));
        }
    }

    /** What is to be done about children that were granted just now. */
    private static List<Action> starts(List<Claim> claims, Situation now) {
        List<Action> actions = new ArrayList<>();
        for (Claim granted : claims) {
            Action next = Reconciler.decide(granted.row(), now);
            if (next != null) {
                actions.add(next instanceof Start start ? new Start(start.row(), granted.cause()) : next);
            }
        }
        return actions;
    }

    /** Children that are neither in the rows nor here any more need no memory. */
    private void forgetGone(List<ChildRow> rows, Situation now) {
        Set<String> present = rows.stream().map(ChildRow::id).collect(Collectors.toSet());
        now.locals().values().stream()
                .filter(c -> !present.contains(c.id()) && c.status().isOver())
                .forEach(c -> local.forget(c.id()));
        ledger.retain(present, now.locals().keySet());
    }

    private void carryOut(WorkSession session, List<Action> actions) {
        List<Start> starts = new ArrayList<>();
        Map<StartCause, List<ChildRow>> raises = new EnumMap<>(StartCause.class);
        Map<String, List<ChildRow>> removals = new LinkedHashMap<>();
        for (Action action : actions) {
            if (action instanceof Start start) {
                starts.add(start);
            } else if (action instanceof Raise raise) {
                raises.computeIfAbsent(raise.cause(), k -> new ArrayList<>()).add(raise.row());
            } else if (action instanceof Remove remove) {
                removals.computeIfAbsent(remove.why(), k -> new ArrayList<>()).add(remove.row());
            } else {
                carryOut(session, action);
            }
        }
        removals.forEach((why, rows) -> remove(session, rows, why));
        raises.forEach((cause, rows) -> {
            Map<String, Long> tokens = grants.tokens(session, rows, cause);
            for (ChildRow row : rows) {
                Long token = tokens.get(row.id());
                if (token == null) {
                    refusedGrants = true;
                } else {
                    starts.add(new Start(grants.granted(row, token), cause));
                }
            }
        });
        if (peer.mayStart()) {
            launch(starts);
        }
        if (!outbox.isEmpty()) {
            outbox.flush(session, me());
        }
    }

    private void carryOut(WorkSession session, Action action) {
        if (action instanceof Stop stop) {
            stop(stop);
        } else if (action instanceof Settle settle) {
            outbox.settle(settle.row(), settle.phase());
        } else if (action instanceof Release release) {
            release(session, release.row(), release.target());
        } else if (action instanceof Quarantine quarantine) {
            grants.quarantine(session, quarantine.row());
        } else if (action instanceof WithdrawMove withdraw) {
            session.requestMove(group(), withdraw.row().id(), withdraw.row().revision(), null);
        }
    }

    private void launch(List<Start> starts) {
        List<Launch> batch = new ArrayList<>();
        Map<String, LocalChild> known =
                local.children(starts.stream().map(s -> s.row().id()).collect(Collectors.toSet()));
        starts.sort(Comparator.comparingLong((Start s) -> s.row().order())
                .thenComparing(s -> s.row().id()));
        for (Start start : starts) {
            ChildRow row = start.row();
            grants.handedOver(start);
            LocalChild child = known.get(row.id());
            if (child != null && child.status() == Status.AWAITING_TOKEN) {
                ledger.relaunching(row);
                local.granted(row.id(), row.token());
            } else {
                ledger.launching(row);
                ChildSpec spec = Objects.requireNonNull(row.spec(), "only rows with a spec are started");
                batch.add(new Launch(spec, row.order(), row.token(), start.cause(), attempt(row)));
            }
        }
        if (!batch.isEmpty()) {
            local.start(batch);
        }
        if (!starts.isEmpty()) {
            Map<String, Long> launches = ledger.launchesInFlight();
            local.afterCarriedOut(() -> transit.enqueue(() -> ledger.takenUp(launches)));
        }
    }

    private Attempt attempt(ChildRow row) {
        if (!row.isAnswered()) {
            return Attempt.COMMANDED;
        }
        return row.isStatic() && initialStart.isPending() ? Attempt.INITIAL : Attempt.FIRST;
    }

    private void remove(WorkSession session, List<ChildRow> rows, String why) {
        session.remove(group(), rows.stream().map(OwnedToken::of).toList(), why);
        rows.forEach(row -> local.forget(row.id()));
    }

    private void stop(Stop stop) {
        local.stop(stop.childId(), stop.reason());
    }

    /** Protocol rule 8: from the moment the hand-over is sent the old token is burnt. */
    private void release(WorkSession session, ChildRow row, @Nullable PeerId target) {
        ledger.burn(row);
        if (session.release(group(), List.of(OwnedToken.of(row)), target).contains(row.id())) {
            local.forget(row.id());
            released(Set.of(row.id()), target);
        }
    }

    void released(Set<String> childIds, @Nullable PeerId target) {
        peer.later(() -> log.info("Released children of group '{}': {}", group(), childIds));
        childIds.forEach(id -> peer.publish(new SupervisorEvent.ChildReleased(peer.now(), group(), id, target)));
    }

    /** Acts on the group's own row. */
    void note(GroupRow row) {
        if (life.note(row)) {
            ledger.nothingInFlight();
        }
    }

    Ledger ledger() {
        return ledger;
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
