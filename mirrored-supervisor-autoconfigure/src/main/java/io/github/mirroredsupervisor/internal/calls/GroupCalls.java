package io.github.mirroredsupervisor.internal.calls;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.NoCapablePeerException;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.calls.Requests.Deadline;
import io.github.mirroredsupervisor.internal.calls.Requests.Step;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.ChildViews;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The calls of a group other than starts (semantics rows A43–A48, B16–B21). Thread-safe; run on the callers' threads.
 */
public final class GroupCalls {

    private final GroupLoop group;
    private final PeerContext peer;
    private final Requests requests;
    private final StartCalls starts;

    public GroupCalls(GroupLoop group, PeerContext peer) {
        this(group, peer, peer.settings().callTimeout());
    }

    private GroupCalls(GroupLoop group, PeerContext peer, Duration callTimeout) {
        this.group = group;
        this.peer = peer;
        this.requests = new Requests(group, peer, callTimeout);
        this.starts = new StartCalls(group, peer, requests);
    }

    /** The same calls with another time-out. */
    GroupCalls within(Duration callTimeout) {
        return new GroupCalls(group, peer, callTimeout);
    }

    StartCalls starts() {
        return starts;
    }

    boolean isTerminated() {
        return group.isTerminated();
    }

    /** Runs a query for people. It neither waits for this peer's own work nor delays it. */
    <T> T query(Function<WorkSession, T> query) {
        return peer.reads().call(query, peer.settings().callTimeout());
    }

    void terminate(String childId) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(childId);
            Step step = requests.onRow(childId, this::terminate);
            if (step.answer() != null) {
                requests.await(childId, step.answer(), deadline);
            }
            if (step.row() != null) {
                return;
            }
        }
    }

    private Step terminate(WorkSession session, ChildRow row) {
        return row.desired() == DesiredState.STOPPED && (isStuck(row) || isStopped(row))
                ? Step.done(row)
                : requests.command(session, row, Command.TERMINATE, DesiredState.STOPPED, null, GroupCalls::isStuck);
    }

    private static boolean isStopped(ChildRow row) {
        return row.isAnswered() && row.phase() == Phase.STOPPED;
    }

    /** Whether the child's time to stop is over, even if its thread is not given up yet. */
    private static boolean isStuck(ChildRow row) {
        return row.phase() == Phase.STUCK;
    }

    void delete(String childId) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(childId);
            Step step = requests.onRow(childId, this::delete);
            if (step.isDone()) {
                return;
            }
            if (step.answer() != null) {
                requests.await(childId, step.answer(), deadline);
            }
        }
    }

    private Step delete(WorkSession session, ChildRow row) {
        if (isAboutToBeAdopted(row)) { // semantics row B18
            return new Step(row, requests.expect(row.id(), r -> r.isEmpty() || !isAboutToBeAdopted(r.get())));
        }
        if (row.isOrphan()) { // nothing runs, and nothing is going to
            return session.deleteOrphan(group.group(), OwnedToken.of(row), row.revision())
                    ? Step.done(row)
                    : Step.AGAIN;
        }
        Requests.refuseIfRunning(row);
        return session.delete(group.group(), OwnedToken.of(row), row.revision()) ? Step.done(row) : Step.AGAIN;
    }

    private boolean isAboutToBeAdopted(ChildRow row) {
        return ChildViews.phase(row) == Phase.ORPHANED && !group.isTerminated();
    }

    /** Writes one command, so that it is carried out even if the caller stops waiting. */
    void remove(String childId) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(childId);
            Optional<Step> step = requests.work(session -> requests.read(session, childId)
                    .map(row -> requests.command(session, row, Command.REMOVE, DesiredState.STOPPED, null)));
            if (step.isEmpty()) {
                return;
            }
            var answer = step.get().answer();
            if (answer != null && requests.await(childId, answer, deadline).isEmpty()) {
                return;
            }
        }
    }

    void move(String childId, PeerId target) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(childId);
            Step step = requests.onRow(
                    childId,
                    (session, row) -> target.equals(row.owner()) ? Step.done(row) : requestMove(session, row, target));
            if (step.isDone()) {
                return;
            }
            if (step.answer() != null) {
                Optional<ChildRow> moved = requests.await(childId, step.answer(), deadline);
                if (moved.isEmpty() || target.equals(moved.get().owner())) {
                    return;
                }
            }
        }
    }

    private Step requestMove(WorkSession session, ChildRow row, PeerId target) {
        refuseIncapable(session, row, target);
        if (!session.requestMove(group.group(), row.id(), row.revision(), target)) {
            return Step.AGAIN;
        }
        var answer = requests.expect(
                row.id(),
                r -> r.isEmpty()
                        || r.get().moveTo() == null
                        || target.equals(r.get().owner()));
        group.look(Set.of(row.id()));
        return new Step(row, answer);
    }

    private void refuseIncapable(WorkSession session, ChildRow row, PeerId target) {
        List<MemberRow> members = session.members(group.group());
        if (members.stream().noneMatch(m -> m.id().equals(target) && m.canTake(row))) {
            throw new NoCapablePeerException(
                    "Peer " + target + " cannot take child '" + row.id() + "': it is not a live member of group '"
                            + group.group() + "', is cordoned, or does not know type '" + row.type() + "'");
        }
    }

    void cordon(PeerId target, boolean cordoned) {
        requests.work(s -> {
            s.cordon(target, cordoned);
            return true;
        });
    }

    /**
     * Returns when this peer has noticed the revival, so that the caller's next call finds the group alive. The work
     * thread waits for that, as an interrupt must not cut it short.
     */
    void revive() {
        requests.work(session -> {
            session.reviveGroup(group.group(), peer.incarnation().id(), null);
            session.group(group.group())
                    .ifPresent(row -> peer.machine()
                            .awaitDone(group.groupRead(row), peer.settings().renewInterval()));
            return true;
        });
        group.lookAtAll();
    }
}
