package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.group.GroupMember;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.store.GroupView;
import io.github.mirroredsupervisor.internal.store.OwnedToken;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a peer leaves (protocol rule 9): no more starts; every child is told to stop, and released as soon as its stop is
 * confirmed; when all are, the peer is LEFT. A child that does not stop keeps the row ALIVE, and with it the child its
 * own, until the lease says otherwise.
 */
final class Departure {

    private static final Logger log = LoggerFactory.getLogger(Departure.class);

    private final PeerRuntime peer;
    private final Supplier<Collection<MemberUnit>> units;
    private final Runnable close;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private final AtomicBoolean telling = new AtomicBoolean();

    /** Work thread only. */
    private final List<RollingStop> rolling = new ArrayList<>();

    /** Work thread only: how many members have children that were not told. */
    private int untold;

    private volatile boolean begun;

    /** Every child was told to stop. */
    private volatile boolean told;

    private volatile boolean left;
    private volatile long quietSince;

    Departure(PeerRuntime peer, Supplier<Collection<MemberUnit>> units, Runnable close) {
        this.peer = peer;
        this.units = units;
        this.close = close;
    }

    boolean hasBegun() {
        return begun;
    }

    /** LEFT is written, or being written. */
    boolean hasLeft() {
        return left;
    }

    boolean isDone() {
        return done.isDone();
    }

    synchronized CompletableFuture<Void> begin() {
        if (!begun) {
            begun = true;
            PeerId me = peer.incarnation().id();
            peer.later(() -> log.info("Peer {} leaves: its children stop", me));
            peer.work().submit(this::prepare);
            // A database that does not answer must not keep the children from being stopped.
            peer.machine().after(peer.settings().renewInterval(), () -> tell(this::stopAll));
            poll();
        }
        return done;
    }

    private void prepare(WorkSession session) {
        boolean answered = false;
        try {
            session.leaving(peer.incarnation().id()); // before the first release: nobody then waits for this peer
            units.get().forEach(unit -> chooseSuccessors(session, unit.member()));
            answered = true;
        } finally {
            tell(answered ? this::roll : this::stopAll);
        }
    }

    private void tell(Runnable way) {
        if (telling.compareAndSet(false, true)) {
            way.run();
        }
    }

    private void chooseSuccessors(WorkSession session, GroupMember member) {
        member.successors()
                .choose(session.members(member.group()), peer.incarnation().id());
    }

    private void stopAll() {
        units.get().forEach(unit -> unit.member().local().stopAll(StopReason.LEAVING));
        allTold();
    }

    private void roll() {
        units.get().forEach(unit -> rolling.add(new RollingStop(unit.member(), peer, this::memberTold)));
        untold = rolling.size();
        rolling.forEach(RollingStop::tellNext);
    }

    private void memberTold() {
        if (--untold == 0) {
            allTold();
        }
    }

    private void allTold() {
        told = true;
        peer.work().submit(this::advance);
    }

    /**
     * What a task that was under way has launched after all were told to stop; that is in flight, or known here
     * already.
     */
    private void stopLaunched(MemberUnit unit) {
        LocalSupervisor local = unit.member().local();
        unit.member().ledger().inFlight().forEach(id -> local.stop(id, StopReason.LEAVING));
        local.children().values().stream()
                .filter(c -> c.status() == Status.STARTING || c.status() == Status.RUNNING)
                .forEach(c -> local.stop(c.id(), StopReason.LEAVING));
    }

    private void poll() {
        peer.work()
                .schedule(
                        session -> {
                            if (!isDone()) {
                                poll();
                                if (told) {
                                    units.get().forEach(this::stopLaunched);
                                }
                                advance(session);
                            }
                        },
                        peer.settings().renewInterval());
    }

    /**
     * Tells the next, or finishes if every child has ended or is known not to. On the work thread, after each batch of
     * transitions.
     */
    void advance(WorkSession session) {
        rolling.forEach(RollingStop::drained);
        if (!told || isDone() || statuses().anyMatch(Status::isStoppable)) {
            return;
        }
        long now = peer.machine().nanoTime();
        quietSince = quietSince == 0 ? now : quietSince;
        boolean unwritten = units.get().stream().anyMatch(unit -> unit.hasUnwritten() || unit.hasLaunchesInFlight());
        boolean patient = now - quietSince < peer.settings().lease().toNanos();
        if (unwritten && patient) {
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
        boolean stuck = statuses().anyMatch(status -> status == Status.STUCK);
        units.get().forEach(unit -> releaseRest(session, unit));
        if (stuck) {
            log.error(
                    "Children ignore their stop: peer {} does not leave, its lease ends",
                    peer.incarnation().id());
        } else {
            left = true;
            session.leave(peer.incarnation().id());
            session.awaitTold(peer.settings().renewInterval()); // the process may end right after
        }
        end();
    }

    private void end() {
        peer.publish(new SupervisorEvent.PeerLeft(peer.now(), peer.incarnation().id()));
        if (left) {
            log.info("Peer {} has left", peer.incarnation().id());
        }
        peer.awaitTold();
        done.complete(null);
        close.run();
    }

    /** Rows that this peer owned without running them. */
    private void releaseRest(WorkSession session, MemberUnit unit) {
        GroupView view = session.view(unit.name(), peer.incarnation().id());
        Map<String, LocalChild> locals = unit.member().local().children();
        List<ChildRow> ended = view.children().stream()
                .filter(row -> peer.incarnation().id().equals(row.owner()) && !isLive(locals.get(row.id())))
                .toList();
        List<OwnedToken> temporary = owned(ended, row -> row.restart() == RestartType.TEMPORARY);
        session.remove(unit.name(), temporary, "a temporary child ends with its owner");
        session.release(unit.name(), owned(ended, row -> row.restart() != RestartType.TEMPORARY), null);
    }

    private static List<OwnedToken> owned(List<ChildRow> rows, Predicate<ChildRow> which) {
        return rows.stream().filter(which).map(OwnedToken::of).toList();
    }

    private static boolean isLive(@Nullable LocalChild child) {
        return child != null && child.status().isLive();
    }

    private Stream<Status> statuses() {
        return units.get().stream().flatMap(unit -> unit.member().local().statuses());
    }
}
