package io.github.mirroredsupervisor.internal.calls;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.NoCapablePeerException;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.calls.Requests.Deadline;
import io.github.mirroredsupervisor.internal.calls.Requests.Step;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.PeerContext;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.store.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.ChildViews;
import io.github.mirroredsupervisor.internal.store.GroupRow;
import io.github.mirroredsupervisor.internal.store.MemberRow;
import io.github.mirroredsupervisor.internal.store.OwnedToken;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The other calls of a group (semantics rows A43–A48, B16–B21). Thread-safe; run on the callers' threads. */
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

    /** The same calls with a time-out of their own. */
    GroupCalls within(Duration callTimeout) {
        return new GroupCalls(group, peer, callTimeout);
    }

    StartCalls starts() {
        return starts;
    }

    boolean isTerminated() {
        return group.isTerminated();
    }

    /** For people: not behind what this peer does, and not before it. */
    <T> T query(Function<WorkSession, T> query) {
        return peer.reads().call(query, peer.settings().callTimeout());
    }

    Optional<ChildRow> row(String childId) {
        return requests.work(s -> requests.read(s, childId));
    }

    void terminate(String childId) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(childId);
            ChildRow row = requests.existing(childId);
            if (row.desired() == DesiredState.STOPPED && (isStuck(row) || isStopped(row))) {
                return;
            }
            Step step = requests.work(
                    s -> requests.command(s, row, Command.TERMINATE, DesiredState.STOPPED, null, GroupCalls::isStuck));
            if (step.answer() != null) {
                requests.await(childId, step.answer(), deadline);
                return;
            }
        }
    }

    private static boolean isStopped(ChildRow row) {
        return row.isAnswered() && row.phase() == Phase.STOPPED;
    }

    /** Its time to stop is over, whether or not its thread is given up by now. */
    private static boolean isStuck(ChildRow row) {
        return row.phase() == Phase.STUCK;
    }

    void delete(String childId) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(childId);
            ChildRow row = requests.existing(childId);
            if (isAboutToBeAdopted(row)) { // semantics row B18
                requests.await(
                        childId, requests.expect(childId, r -> r.isEmpty() || !isAboutToBeAdopted(r.get())), deadline);
                continue;
            }
            if (row.isOrphan()) { // nothing runs, and nothing is going to
                if (requests.work(s -> s.deleteOrphan(group.group(), OwnedToken.of(row), row.revision()))) {
                    return;
                }
                continue;
            }
            Requests.refuseIfRunning(row);
            if (requests.work(s -> s.delete(group.group(), OwnedToken.of(row), row.revision()))) {
                return;
            }
        }
    }

    private boolean isAboutToBeAdopted(ChildRow row) {
        return ChildViews.phase(row) == Phase.ORPHANED && !group.isTerminated();
    }

    /** One command, so that it stands also when nobody waits for it any more. */
    void remove(String childId) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(childId);
            Optional<ChildRow> row = row(childId);
            if (row.isEmpty()) {
                return;
            }
            Step step = requests.work(s -> requests.command(s, row.get(), Command.REMOVE, DesiredState.STOPPED, null));
            if (step.answer() != null
                    && requests.await(childId, step.answer(), deadline).isEmpty()) {
                return;
            }
        }
    }

    void move(String childId, PeerId target) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(childId);
            ChildRow row = requests.existing(childId);
            if (target.equals(row.owner())) {
                return;
            }
            refuseIncapable(row, target);
            Step step = requests.work(s -> requestMove(s, row, target));
            if (step.answer() != null) {
                Optional<ChildRow> moved = requests.await(childId, step.answer(), deadline);
                if (moved.isEmpty() || target.equals(moved.get().owner())) {
                    return;
                }
            }
        }
    }

    private Step requestMove(WorkSession session, ChildRow row, PeerId target) {
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

    private void refuseIncapable(ChildRow row, PeerId target) {
        List<MemberRow> members = requests.work(s -> s.members(group.group()));
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

    /** Returns when this peer has seen it itself: the next call is for the group that lives. */
    void revive() {
        Optional<GroupRow> revived = requests.work(s -> {
            s.reviveGroup(group.group(), peer.incarnation().id(), null);
            return s.group(group.group());
        });
        revived.ifPresent(row ->
                peer.machine().awaitDone(group.groupRead(row), peer.settings().callTimeout()));
        group.lookAtAll();
    }
}
