package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.internal.context.Confinement;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.context.Timers;
import io.github.mirroredsupervisor.internal.ownership.InitialChildren;
import io.github.mirroredsupervisor.internal.platform.Loop;
import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.platform.Threads;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.GroupBeat;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import io.github.mirroredsupervisor.internal.supervision.run.RunEnvironment;
import io.github.mirroredsupervisor.internal.supervision.values.Moment;
import io.github.mirroredsupervisor.internal.supervision.values.SupervisorFlags;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a group on this peer. It owns the state of the group's children and makes all decisions about them.
 * Other threads put a {@link GroupEvent} into its mailbox, and an {@link Event} of a run into the one beside it. It
 * never waits for the store and never runs application code. Thread-safe.
 */
public final class GroupLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(GroupLoop.class);

    private final Mailbox<GroupEvent> mailbox = new Mailbox<>();
    private final Mailbox<Event> ofRuns = mailbox.beside();
    private final Confinement confinement = new Confinement();
    private final GroupDefinition definition;
    private final PeerContext peer;
    private final Timers timers;
    private final PendingCalls calls;
    private final HintReader hints;
    private final LocalSupervisor local;
    private final GroupMember member;
    private final Loop loop;
    private volatile GroupSnapshot snapshot = GroupSnapshot.EMPTY;
    private volatile CompletableFuture<Void> leaveChange = new CompletableFuture<>();

    /**
     * A loop that is not started yet.
     *
     * @param flags as the group's row has them
     * @param runs what the runs of children need
     * @param childThreads makes the thread of each run
     */
    public GroupLoop(
            GroupDefinition definition,
            GroupRow.Flags flags,
            PeerContext peer,
            RunEnvironment runs,
            ThreadFactory childThreads) {
        this.definition = definition;
        this.peer = peer;
        this.timers = new Timers(peer.machine(), confinement);
        this.calls = new PendingCalls(
                group(), peer.work(), peer.settings().renewInterval(), new NotificationPace(peer.machine()));
        NotificationPace pace = new NotificationPace(peer.machine());
        this.hints = new HintReader(group(), peer, pace, mailbox);
        SupervisorFlags supervisorFlags = new SupervisorFlags(
                flags.strategy(),
                flags.intensity(),
                flags.period(),
                definition.settings().restartDelay(),
                flags.onIntensityExceeded(),
                new SupervisorFlags.Bounds(
                        definition.settings().concurrentStarts(),
                        peer.settings().stopBound(),
                        peer.settings().lease()));
        this.local = new LocalSupervisor(supervisorFlags, runs, childThreads, peer.clock(), peer.machine(), ofRuns);
        this.member = new GroupMember(
                definition,
                flags,
                peer,
                confinement,
                timers,
                new GroupStore(peer, mailbox, confinement),
                calls,
                pace,
                local);
        this.loop = peer.machine().create(group() + "/supervisor", this::confinedStep, this::confinedStep);
        mailbox.wakes(loop);
        ofRuns.wakes(loop);
    }

    public void start() {
        loop.start();
    }

    /** Ends the loop and fails the pending calls. Children must have been stopped. Does not wait. */
    @Override
    public void close() {
        local.close();
        loop.close();
        calls.close();
    }

    private long confinedStep() {
        return confinement.inside(this::step);
    }

    /**
     * Handles the queued events and the due timers. Returns in how many nanoseconds the next step is due if no event
     * comes earlier.
     */
    private long step() {
        Moment taken = local.now();
        handlePosted();
        guarded(() -> member.passTime(taken));
        guarded(timers::runDue);
        guarded(member::settle);
        guarded(this::publish);
        Long wakeup = local.nextWakeup();
        long untilWakeup = wakeup == null ? Long.MAX_VALUE : Math.max(0, wakeup - timers.now());
        return Math.min(untilWakeup, timers.untilNext());
    }

    /**
     * Handles the events that were posted before now, in the order in which they were posted: a run may send a command
     * before it reports something, and the other way round.
     */
    private void handlePosted() {
        long end = mailbox.nextNumber();
        while (Math.min(mailbox.first(), ofRuns.first()) < end) {
            if (mailbox.first() < ofRuns.first()) {
                GroupEvent event = mailbox.take();
                guarded(() -> event.tell(member));
            } else {
                Event event = ofRuns.take();
                guarded(() -> member.supervise(event));
            }
        }
    }

    private void publish() {
        GroupSnapshot next = member.snapshot(snapshot);
        if (next != null) {
            boolean advanced = next.leave() != snapshot.leave();
            snapshot = next;
            if (advanced) {
                CompletableFuture<Void> change = leaveChange;
                leaveChange = new CompletableFuture<>();
                change.complete(null);
            }
        }
    }

    /**
     * Keeps the loop alive, as its children would be unsupervised without it. The next comparison repairs what a
     * failure left undone.
     */
    private void guarded(Runnable part) {
        try {
            part.run();
        } catch (Throwable unexpected) {
            Threads.say(() -> log.error("[{}] unexpected failure in the supervisor's own code", group(), unexpected));
            member.doubt();
        }
    }

    // ---- queries

    public String group() {
        return definition.settings().name();
    }

    /** The state at the end of the last step. */
    public GroupSnapshot snapshot() {
        return snapshot;
    }

    /** Completes when the state of this peer's leave changes next in this group, on the loop's thread. */
    public CompletableFuture<Void> leaveChange() {
        return leaveChange;
    }

    public PendingCalls calls() {
        return calls;
    }

    public InitialChildren initialChildren() {
        return member.state().initialChildren;
    }

    /** Whether the group was terminated, as far as this peer knows. */
    public boolean isTerminated() {
        return member.state().termination.isTerminated();
    }

    /** The members at the last full comparison. */
    public List<MemberRow> members() {
        return member.state().members;
    }

    /** This peer's declaration of a child; null if it has none. */
    public @Nullable ChildSpec declaration(String childId) {
        return member.state().claims.declaration(childId);
    }

    /**
     * Whether a new child of that type may run here: this peer knows the type and, as of the last read of the members,
     * is not cordoned.
     */
    public boolean takes(String type) {
        return definition.types().containsKey(type)
                && members().stream()
                        .noneMatch(m -> m.id().equals(peer.incarnation().id()) && m.cordoned());
    }

    /** The values that a grant of the child compares with its row. */
    public OwnedToken expected(ChildRow row) {
        return member.state().claims.expected(row);
    }

    public ChildRef ref(String childId, long token) {
        return new ChildRef(group(), childId, token, peer.incarnation().ref());
    }

    /** Whether the calling thread is the child's own run. Such a thread must not wait for the child's start or end. */
    public boolean isRunByThisThread(String childId) {
        return local.isRunByThisThread(childId);
    }

    /**
     * Whether the calling thread is the child's own run and its init has not returned. Such a thread must not wait for
     * the child's start.
     */
    public boolean isInitOfThisThread(String childId) {
        return local.isInitOfThisThread(childId);
    }

    // ---- notifications
    // A task of the work thread that has read or written something reports it before it ends: then the event comes in
    // order with the store's answers, and none of them is older.

    /** See {@link LocalSupervisor#revoke}. */
    public void revoke(boolean sparingContinue) {
        local.revoke(sparingContinue);
    }

    /** Protocol rule 11b: no run of any child begins with a token up to this one from now on. */
    public void burnUpTo(long token) {
        local.tokens().burnUpTo(token);
    }

    public void renewed(@Nullable GroupBeat beat, Sweep sweep) {
        mailbox.post(new GroupEvent.Renewed(beat, sweep));
    }

    public void lookAtAll() {
        mailbox.post(new GroupEvent.LookAtAll());
    }

    public void look(Set<String> childIds) {
        mailbox.post(new GroupEvent.Look(childIds));
    }

    /** Looks at the named children, or at all if none is named. An answers-only hint goes to the waiting calls. */
    public void hinted(Hint hint) {
        if (hint.answersOnly()) {
            calls.hinted();
        } else {
            hints.hinted(hint.childIds());
        }
    }

    public void commanded(ChildRow row) {
        mailbox.post(new GroupEvent.Commanded(row));
    }

    /**
     * Rows that were inserted for this peer.
     *
     * @param heard the greatest token that this process had seen before
     */
    public void inserted(List<ChildRow> rows, long heard) {
        mailbox.post(new GroupEvent.Inserted(rows, heard));
    }

    /** Returns a future that completes when the loop has acted on the row. */
    public CompletableFuture<Void> groupRead(GroupRow row) {
        CompletableFuture<Void> noted = new CompletableFuture<>();
        mailbox.post(new GroupEvent.GroupRead(row, noted));
        return noted;
    }

    public void doubt() {
        mailbox.post(new GroupEvent.Doubted());
    }

    public void sessionLost(SessionLock lock, long releasedAt, Duration delay) {
        mailbox.post(new GroupEvent.SessionLost(lock, releasedAt, delay));
    }

    /** Protocol rule 9: this peer leaves. */
    public void leave() {
        mailbox.post(new GroupEvent.Leave());
    }

    /** Stops the children of a group that leaves, without any further wait. */
    public void hurry() {
        mailbox.post(new GroupEvent.Hurry());
    }

    /**
     * Called on the work thread before the next incarnation joins: no run launched for the last incarnation may begin
     * under the permission of the next.
     *
     * @return whether the loop has handled the expulsion within the limit
     */
    public boolean expelled(Duration limit) {
        revoke(false);
        CompletableFuture<Void> done = new CompletableFuture<>();
        mailbox.post(new GroupEvent.Expelled(done));
        member.undeclared().startAnew();
        return peer.machine().awaitDone(done, limit);
    }
}
