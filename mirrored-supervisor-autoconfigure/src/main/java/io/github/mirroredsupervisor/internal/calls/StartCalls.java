package io.github.mirroredsupervisor.internal.calls;

import io.github.mirroredsupervisor.ChildDeclaredException;
import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.GroupTerminatedException;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StartResult.AlreadyPresent;
import io.github.mirroredsupervisor.StartResult.AlreadyStarted;
import io.github.mirroredsupervisor.StartResult.Ignored;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.internal.calls.Requests.Deadline;
import io.github.mirroredsupervisor.internal.calls.Requests.Step;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.PendingCalls;
import io.github.mirroredsupervisor.internal.platform.Failures;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.ChildViews;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The calls that start a child (semantics rows A13–A17, A44, B12–B14, B29). Thread-safe; run on the callers' threads.
 */
final class StartCalls {

    private final GroupLoop group;
    private final Requests requests;
    private final StartBatch insertions;

    StartCalls(GroupLoop group, PeerContext peer, Requests requests) {
        this.group = group;
        this.requests = requests;
        this.insertions = new StartBatch(group, peer, requests);
    }

    StartResult start(ChildSpec spec) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(spec.id());
            Step step = insertions.insertOrTake(spec, deadline);
            if (step.answer() != null) {
                return outcome(spec.id(), step, deadline);
            }
            if (step.row() != null) {
                Optional<StartResult> present = present(step.row());
                if (present.isPresent()) {
                    return present.get();
                }
                awaitSettled(step.row(), deadline);
            }
        }
    }

    StartResult ensure(ChildSpec spec) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(spec.id());
            Step step = insertions.insertOrTake(spec, deadline);
            ChildRow row = step.row();
            if (step.answer() == null && row != null) {
                if (!isAsWanted(row, spec)) {
                    refuseIfDeclared(row, spec);
                    step = requests.work(session -> replace(session, row, spec));
                } else if (ChildViews.isUnplaceable(row)) {
                    throw requests.noCapablePeer(row, "; it waits for one that can");
                } else if (present(row).isPresent()) {
                    return present(row).get();
                } else {
                    awaitSettled(row, deadline);
                }
            }
            if (step.answer() != null) {
                return outcome(spec.id(), step, deadline);
            }
        }
    }

    private Step replace(WorkSession session, ChildRow row, ChildSpec spec) {
        refuseIfNobodyCan(session, row, spec);
        return requests.command(session, row, Command.RESTART, DesiredState.RUNNING, row.isStatic() ? null : spec);
    }

    private boolean isAsWanted(ChildRow row, ChildSpec spec) {
        return isDefinedAs(row, spec) && row.desired() == DesiredState.RUNNING && row.phase() != Phase.COMPLETED;
    }

    StartResult restart(String childId) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(childId);
            Step step = requests.onRow(childId, this::restart);
            if (step.answer() != null) {
                return outcome(childId, step, deadline);
            }
        }
    }

    private Step restart(WorkSession session, ChildRow row) {
        if (!ChildViews.isAtRest(row) && ChildViews.isUnplaceable(row)) {
            throw requests.noCapablePeer(row, "; it waits for one that can");
        }
        Requests.refuseIfRunning(row);
        refuseIfNobodyCan(session, row, row.spec());
        return requests.command(session, row, Command.RESTART, DesiredState.RUNNING, null);
    }

    /**
     * Whether the spec defines the row's child. For a declared child, this peer's own declaration counts as well: the
     * owner uses it already, or from its next start on.
     */
    private boolean isDefinedAs(ChildRow row, ChildSpec spec) {
        return spec.equals(row.spec()) || (row.isStatic() && spec.equals(requests.declared(spec.id())));
    }

    private void refuseIfDeclared(ChildRow row, ChildSpec spec) {
        if (row.isStatic() && !isDefinedAs(row, spec)) {
            throw new ChildDeclaredException("Child '" + row.id() + "' of group '" + group.group()
                    + "' is declared by the applications that run it (@MirroredChild), and what it is stands in their"
                    + " code; removeChild removes it if none declares it any more");
        }
    }

    /** The child's owner may run it even if it is cordoned; any other member only if it is not. */
    private void refuseIfNobodyCan(WorkSession session, ChildRow row, @Nullable ChildSpec spec) {
        boolean possible = spec != null
                && session.members(group.group()).stream()
                        .filter(m -> m.state() == PeerState.ALIVE && m.types().contains(spec.type()))
                        .anyMatch(m -> !m.cordoned() || m.id().equals(row.owner()));
        if (!possible) {
            throw spec == null ? requests.noCapablePeer(row, "") : requests.noCapablePeer(spec);
        }
    }

    /** The result of a start whose child has a row already; empty while it is undecided. */
    private Optional<StartResult> present(ChildRow row) {
        return switch (ChildViews.phase(row)) {
            case RUNNING -> Optional.of(new AlreadyStarted(ChildViews.ref(group.group(), row)));
            case STARTING, ORPHANED, STOPPING ->
                row.desired() == DesiredState.STOPPED ? Optional.of(new AlreadyPresent(row.id())) : Optional.empty();
            default -> Optional.of(new AlreadyPresent(row.id()));
        };
    }

    private void awaitSettled(ChildRow row, Deadline deadline) {
        CompletableFuture<Optional<ChildRow>> settled = requests.expect(
                row.id(),
                r -> r.isEmpty() || group.isTerminated() || present(r.get()).isPresent());
        requests.tellOwner(row);
        requests.awaitStarted(row.id(), settled, deadline);
    }

    private StartResult outcome(String childId, Step step, Deadline deadline) {
        CompletableFuture<Optional<ChildRow>> expected = Objects.requireNonNull(step.answer());
        while (true) {
            Optional<ChildRow> answer = requests.await(childId, expected, deadline);
            ChildRow stranded = answer.filter(Requests::isStranded).orElse(null);
            if (stranded == null) {
                return outcome(childId, answer, step.offered());
            }
            if (!step.offered()) {
                throw requests.noCapablePeer(stranded, "; it waits for one that can");
            }
            if (requests.work(s -> s.deleteOrphan(group.group(), OwnedToken.of(stranded), stranded.revision()))) {
                throw requests.noCapablePeer(stranded, "");
            }
            expected = requests.answered(stranded); // another peer has taken it after all
        }
    }

    private StartResult outcome(String childId, Optional<ChildRow> answer, boolean offered) {
        PendingCalls.Outcome here = group.calls().takeOutcome(childId);
        Throwable cause = here == null ? null : here.failure();
        if (answer.isEmpty()) {
            return goneAtStart(childId, here, cause);
        }
        ChildRow row = answer.get();
        if (!row.isAnswered() && group.isTerminated()) {
            throw new GroupTerminatedException(
                    "Group '" + group.group() + "' is terminated; restartGroup() revives it on every peer");
        }
        if (row.failure() != null && row.phase() != Phase.QUARANTINED) {
            if (offered) { // semantics row B29
                requests.work(s -> s.delete(group.group(), OwnedToken.of(row), row.revision()));
            }
            throw failed(childId, row.failure(), cause);
        }
        if (here == null && (row.desired() == DesiredState.STOPPED || row.ownerRef() == null)) {
            throw new ChildStartException(
                    group.group(),
                    childId,
                    "Child '" + childId + "' does not run: it was stopped or given up meanwhile",
                    null);
        }
        LastExit exit = row.lastExit();
        boolean ignored = row.phase() == Phase.COMPLETED && exit != null && exit.kind() == LastExit.Kind.IGNORED;
        if (ignored) {
            return new Ignored(childId);
        }
        return new Started(here == null ? ChildViews.ref(group.group(), row) : group.ref(childId, here.token()));
    }

    /**
     * The row is gone: a failed start or an ignored temporary child removed it, or the child has started and ended
     * already.
     */
    private StartResult goneAtStart(String childId, PendingCalls.@Nullable Outcome here, @Nullable Throwable cause) {
        if (cause instanceof ChildExit exit && exit.kind() == LastExit.Kind.IGNORED) {
            return new Ignored(childId);
        }
        if (here != null && cause == null) {
            return new Started(group.ref(childId, here.token()));
        }
        throw failed(childId, cause == null ? "it was removed meanwhile" : Failures.text(cause), cause);
    }

    private ChildStartException failed(String childId, String why, @Nullable Throwable cause) {
        return new ChildStartException(
                group.group(),
                childId,
                "Child '" + childId + "' did not start: " + why,
                cause == null ? null : Failures.printable(cause));
    }
}
