package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.GroupTerminatedException;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StartResult.AlreadyPresent;
import io.github.mirroredsupervisor.StartResult.AlreadyStarted;
import io.github.mirroredsupervisor.StartResult.Ignored;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.mirror.ChildRow.Command;
import io.github.mirroredsupervisor.mirror.Requests.Deadline;
import io.github.mirroredsupervisor.mirror.Requests.Step;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The calls that start a child (semantics rows A13–A17, A44, B12–B14, B29). Thread-safe; run on the callers' threads. */
final class StartCalls {

    private final Member member;
    private final PeerContext peer;
    private final Requests requests;

    StartCalls(Member member, PeerContext peer, Requests requests) {
        this.member = member;
        this.peer = peer;
        this.requests = requests;
    }

    StartResult start(ChildSpec spec) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(spec.id());
            Step step = requests.work(s -> insertOrTake(s, spec));
            if (step.answer() != null) {
                return outcome(spec.id(), requests.await(spec.id(), step.answer(), deadline));
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
            Step step = requests.work(s -> insertOrTake(s, spec));
            ChildRow row = step.row();
            if (step.answer() == null && row != null) {
                if (!isAsWanted(row, spec)) {
                    step = requests.work(s -> requests.command(s, row, Command.RESTART, DesiredState.RUNNING, spec));
                } else if (present(row).isPresent()) {
                    return present(row).get();
                } else {
                    awaitSettled(row, deadline);
                }
            }
            if (step.answer() != null) {
                return outcome(spec.id(), requests.await(spec.id(), step.answer(), deadline));
            }
        }
    }

    private static boolean isAsWanted(ChildRow row, ChildSpec spec) {
        return spec.equals(row.spec()) && row.desired() == DesiredState.RUNNING && row.phase() != Phase.COMPLETED;
    }

    StartResult restart(String childId) {
        Deadline deadline = requests.deadline();
        while (true) {
            deadline.check(childId);
            ChildRow row = requests.existing(childId);
            Requests.refuseIfRunning(row);
            Step step = requests.work(s -> requests.command(s, row, Command.RESTART, DesiredState.RUNNING, null));
            if (step.answer() != null) {
                return outcome(childId, requests.await(childId, step.answer(), deadline));
            }
        }
    }

    /** A new row that is this peer's to start, an orphan taken over with the new spec (semantics row B14), or the row that is in the way. */
    private Step insertOrTake(WorkSession session, ChildSpec spec) {
        requireAbleToStart(session);
        ChildRow inserted =
                session.insert(member.group(), spec, peer.incarnation().id());
        if (inserted != null) {
            CompletableFuture<Optional<ChildRow>> answer = requests.answered(inserted);
            member.startNow(session, inserted);
            return new Step(inserted, answer);
        }
        Optional<ChildRow> known = requests.read(session, spec.id());
        if (known.isEmpty()) {
            return Step.AGAIN;
        }
        return isTakeable(known.get()) ? take(session, known.get(), spec) : new Step(known.get(), null);
    }

    private static boolean isTakeable(ChildRow row) {
        return row.isOrphan()
                && !row.isStatic()
                && row.desired() == DesiredState.RUNNING
                && row.phase() != Phase.COMPLETED;
    }

    private Step take(WorkSession session, ChildRow orphan, ChildSpec spec) {
        if (!member.claimNow(session, orphan)) {
            return Step.AGAIN; // somebody else adopted it
        }
        ChildRow commanded = session.command(
                member.group(), spec.id(), orphan.revision(), Command.START, DesiredState.RUNNING, spec);
        if (commanded == null) {
            return Step.AGAIN;
        }
        CompletableFuture<Optional<ChildRow>> answer = requests.answered(commanded);
        member.reconcile(session, Set.of(spec.id()));
        return new Step(commanded, answer);
    }

    private void requireAbleToStart(WorkSession session) {
        session.group(member.group()).ifPresent(member::note);
        if (member.isTerminated()) {
            throw terminated();
        }
        if (!peer.mayStart()) {
            throw new StoreUnavailableException(
                    "This peer starts no children now: it leaves, or its lease is not renewed", null);
        }
    }

    private GroupTerminatedException terminated() {
        return new GroupTerminatedException(
                "Group '" + member.group() + "' is terminated; restartGroup() revives it on every peer");
    }

    /** What a known child makes of a start; empty while that is not decided yet. */
    private Optional<StartResult> present(ChildRow row) {
        return switch (Views.phase(row)) {
            case RUNNING -> Optional.of(new AlreadyStarted(Views.ref(member.group(), row)));
            case STARTING, ORPHANED, STOPPING ->
                row.desired() == DesiredState.STOPPED ? Optional.of(new AlreadyPresent(row.id())) : Optional.empty();
            default -> Optional.of(new AlreadyPresent(row.id()));
        };
    }

    private void awaitSettled(ChildRow row, Deadline deadline) {
        requests.await(
                row.id(),
                requests.expect(
                        row.id(),
                        r -> r.isEmpty()
                                || member.isTerminated()
                                || present(r.get()).isPresent()),
                deadline);
    }

    private StartResult outcome(String childId, Optional<ChildRow> answer) {
        Answers.Outcome here = member.answers().takeOutcome(childId);
        Throwable cause = here == null ? null : here.failure();
        if (answer.isEmpty()) {
            return goneAtStart(childId, here, cause);
        }
        ChildRow row = answer.get();
        if (!row.isAnswered() && member.isTerminated()) {
            throw terminated();
        }
        if (row.failure() != null) {
            throw new ChildStartException("Child '" + childId + "' did not start: " + row.failure(), cause);
        }
        if (here == null && row.desired() == DesiredState.STOPPED) {
            throw new ChildStartException("Child '" + childId + "' does not run: it was stopped meanwhile", null);
        }
        LastExit exit = row.lastExit();
        boolean ignored = row.phase() == Phase.COMPLETED && exit != null && exit.kind() == LastExit.Kind.IGNORED;
        return ignored ? new Ignored(childId) : new Started(Views.ref(member.group(), row));
    }

    /** A failed start removed its row, an ignored temporary child likewise; or the child has started and ended already. */
    private StartResult goneAtStart(String childId, Answers.@Nullable Outcome here, @Nullable Throwable cause) {
        if (cause instanceof ChildExit exit && exit.kind() == LastExit.Kind.IGNORED) {
            return new Ignored(childId);
        }
        if (here != null && cause == null) {
            return new Started(member.ref(childId, here.token()));
        }
        String why = cause == null ? "it was removed meanwhile" : cause.toString();
        throw new ChildStartException("Child '" + childId + "' did not start: " + why, cause);
    }
}
