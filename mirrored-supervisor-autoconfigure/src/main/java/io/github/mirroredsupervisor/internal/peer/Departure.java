package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.GroupSnapshot.LeaveState;
import io.github.mirroredsupervisor.internal.group.Groups;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a peer leaves (protocol rule 9): it starts no more children, stops every child, and releases each as soon as its
 * stop is confirmed. When all are released, the peer is LEFT. A child that does not stop keeps the peer's row ALIVE, so
 * that the peer owns the child until its lease ends.
 */
final class Departure {

    private static final Logger log = LoggerFactory.getLogger(Departure.class);

    private final PeerContext peer;
    private final Groups groups;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final AtomicBoolean advancing = new AtomicBoolean();

    /** Whether the store has noted that this peer leaves. Written by the work thread. */
    private volatile boolean marked;

    /** Work thread only: since when every child has ended or is known to be stuck; null before. */
    private @Nullable Long quietSince;

    Departure(PeerContext peer, Groups groups) {
        this.peer = peer;
        this.groups = groups;
    }

    /** Completes when nothing more can be done. */
    CompletableFuture<Void> done() {
        return done;
    }

    /** Tells every group at once: nothing that the store may answer is worth a wait. */
    synchronized void begin() {
        if (!peer.isLeaving()) {
            peer.state().leaves();
            groups.all().forEach(this::follow);
            PeerId me = peer.incarnation().id();
            peer.work().submit(this::mark); // before any hand-over: the work thread keeps the order
            groups.all().forEach(GroupLoop::leave);
            peer.later(() -> log.info("Peer {} leaves: its children stop", me));
            peer.machine().after(peer.settings().renewInterval(), this::hurry);
            poll();
        }
    }

    /** Before the first hand-over, so that no peer waits for this one. */
    private void mark(WorkSession session) {
        groups.all().forEach(GroupLoop::leave); // those that a start under way on this thread has added since
        try {
            session.leaving(peer.incarnation().id());
            marked = true;
        } finally {
            hurry();
        }
    }

    /** With a database that does not answer, no child waits for the hand-over of another one. */
    private void hurry() {
        if (!marked) {
            groups.all().forEach(GroupLoop::hurry);
        }
    }

    private void poll() {
        peer.work()
                .schedule(
                        session -> {
                            if (!done.isDone()) {
                                poll();
                                advance(session);
                            }
                        },
                        peer.settings().renewInterval());
    }

    private void follow(GroupLoop group) {
        var unused = group.leaveChange().thenRun(() -> {
            follow(group);
            if (group.snapshot().leave().compareTo(LeaveState.WRITING) >= 0) {
                advanced(); // not before, as the work thread has hand-overs to write
            }
        });
    }

    /** On the loop of the group in which the leave has advanced. */
    private void advanced() {
        if (advancing.compareAndSet(false, true)) {
            peer.work().submit(session -> {
                advancing.set(false);
                advance(session);
            });
        }
    }

    /** Finishes if every child has ended or is known to be stuck. */
    private void advance(WorkSession session) {
        LeaveState furthest = groups.all().stream()
                .map(group -> group.snapshot().leave())
                .min(Comparator.naturalOrder())
                .orElse(LeaveState.DONE);
        if (done.isDone() || furthest.compareTo(LeaveState.WRITING) < 0) {
            return;
        }
        long now = peer.machine().nanoTime();
        quietSince = quietSince == null ? Long.valueOf(now) : quietSince;
        boolean patient = now - quietSince < peer.settings().lease().toNanos();
        if (furthest == LeaveState.WRITING && patient) {
            return; // the next renewal writes it
        }
        try {
            finish(session);
        } catch (RuntimeException e) {
            if (patient) {
                throw e;
            }
            log.warn(
                    "Could not release everything; the lease ends in {} at most",
                    peer.settings().lease());
            end();
        }
    }

    private void finish(WorkSession session) {
        boolean stuck = groups.all().stream()
                .anyMatch(group -> !group.snapshot().stuck().isEmpty());
        groups.all().forEach(group -> releaseRest(session, group));
        if (stuck) {
            log.error(
                    "Children ignore their stop: peer {} does not leave, its lease ends",
                    peer.incarnation().id());
        } else {
            peer.state().left();
            session.leave(peer.incarnation().id());
            session.awaitTold(peer.settings().renewInterval()); // the process may end right after
        }
        end();
    }

    private void end() {
        peer.publish(new SupervisorEvent.PeerLeft(peer.now(), peer.incarnation().id()));
        if (peer.state().hasLeft()) {
            log.info("Peer {} has left", peer.incarnation().id());
        }
        peer.events().awaitDelivered(peer.settings().renewInterval());
        done.complete(null);
    }

    /** Releases the rows that this peer owned without running their children. */
    private void releaseRest(WorkSession session, GroupLoop group) {
        PeerId me = peer.incarnation().id();
        Set<String> stuck = group.snapshot().stuck();
        List<ChildRow> ended = session.view(group.group(), me).children().stream()
                .filter(row -> me.equals(row.owner()) && !stuck.contains(row.id()))
                .toList();
        List<OwnedToken> temporary = owned(ended, row -> row.restart() == RestartType.TEMPORARY);
        session.remove(group.group(), temporary, "a temporary child ends with its owner");
        session.release(group.group(), owned(ended, row -> row.restart() != RestartType.TEMPORARY), null);
    }

    private static List<OwnedToken> owned(List<ChildRow> rows, Predicate<ChildRow> which) {
        return rows.stream().filter(which).map(OwnedToken::of).toList();
    }
}
