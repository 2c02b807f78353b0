package io.github.mirroredsupervisor.internal.calls;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.GroupTerminatedException;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.calls.Requests.Deadline;
import io.github.mirroredsupervisor.internal.calls.Requests.Step;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.ChildViews;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The first step of a start. It inserts a new row for this peer to start, or for another peer if this one does not know
 * the type or takes no children. If there is a row already, it takes over an orphan with the new spec (semantics row
 * B14), or returns that row. Concurrent starts share a transaction. Thread-safe; waits on the callers' threads.
 */
final class StartBatch {

    /** Few enough that a transaction is far shorter than its limit. */
    private static final int MOST_AT_ONCE = 500;

    private final GroupLoop group;
    private final PeerContext peer;
    private final Requests requests;
    private final Queue<Wanted> queue = new ConcurrentLinkedQueue<>();

    StartBatch(GroupLoop group, PeerContext peer, Requests requests) {
        this.group = group;
        this.peer = peer;
        this.requests = requests;
    }

    /** A start that a caller requested, and its result. */
    private record Wanted(ChildSpec spec, CompletableFuture<Step> step) {}

    /** Waits if this peer is about to join again, or its lease is about to be renewed. */
    Step insertOrTake(ChildSpec spec, Deadline deadline) {
        while (true) {
            requests.awaitAbleToStart(deadline);
            try {
                return insertOrTake(spec);
            } catch (PeerNotJoinedException e) { // thrown after the wait; nothing was written
                if (deadline.isOver()) {
                    throw e;
                }
            }
        }
    }

    private Step insertOrTake(ChildSpec spec) {
        Wanted mine = new Wanted(spec, new CompletableFuture<>());
        queue.add(mine);
        try {
            return requests.work(session -> {
                while (!mine.step().isDone() && !queue.isEmpty()) { // another caller may have carried it out
                    carryOutQueued(session);
                }
                return result(mine);
            });
        } finally {
            queue.remove(mine); // if it is still queued, its caller no longer waits
        }
    }

    private static Step result(Wanted wanted) {
        try {
            return wanted.step().getNow(Step.AGAIN);
        } catch (CompletionException e) {
            throw forOneCaller(e.getCause() == null ? e : e.getCause());
        }
    }

    /** Makes a separate exception for each caller, with that caller's stack trace. */
    private static RuntimeException forOneCaller(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof StoreUnavailableException) {
            return new StoreUnavailableException(message, failure);
        }
        if (failure instanceof PeerNotJoinedException) {
            return new PeerNotJoinedException(message);
        }
        if (failure instanceof StoreRefusedException refused) {
            return new StoreRefusedException(message, refused.sqlState(), failure);
        }
        if (failure instanceof GroupTerminatedException) {
            return new GroupTerminatedException(message);
        }
        return failure instanceof RuntimeException other ? other : new IllegalStateException(failure);
    }

    private void carryOutQueued(WorkSession session) {
        List<Wanted> batch = new ArrayList<>();
        while (batch.size() < MOST_AT_ONCE && !queue.isEmpty()) {
            Wanted next = queue.poll();
            if (next != null) {
                batch.add(next);
            }
        }
        try {
            if (!peer.mayStart()) {
                throw requests.whyNoStart();
            }
            if (group.isTerminated()) { // as far as this peer knows
                requireAlive(session);
            }
            insertOrTake(session, batch);
        } catch (RuntimeException e) {
            group.doubt(); // rows inserted nevertheless are for this peer to start
            if (e instanceof StoreRefusedException && batch.size() > 1) {
                batch.forEach(one -> insertAlone(session, one)); // one of them may have caused the refusal of all
            } else {
                batch.forEach(one -> one.step().completeExceptionally(e));
            }
        }
    }

    private void insertAlone(WorkSession session, Wanted one) {
        if (one.step().isDone()) {
            return;
        }
        try {
            insertOrTake(session, List.of(one));
        } catch (RuntimeException e) {
            one.step().completeExceptionally(e);
        }
    }

    private void requireAlive(WorkSession session) {
        Optional<GroupRow> row = session.group(group.group());
        row.ifPresent(read -> {
            var unused = group.groupRead(read);
        });
        boolean terminated = row.map(r -> r.death() != null).orElseGet(group::isTerminated);
        if (terminated) {
            throw new GroupTerminatedException(
                    "Group '" + group.group() + "' is terminated; restartGroup() revives it on every peer");
        }
    }

    private void insertOrTake(WorkSession session, List<Wanted> batch) {
        Map<String, ChildSpec> here = new LinkedHashMap<>();
        Map<String, ChildSpec> elsewhere = new LinkedHashMap<>();
        for (Wanted one : batch) {
            String id = one.spec().id();
            if (!here.containsKey(id) && !elsewhere.containsKey(id)) {
                (group.takes(one.spec().type()) ? here : elsewhere).put(id, one.spec());
            }
        }
        Map<String, Step> steps = new HashMap<>();
        if (!here.isEmpty()) {
            long heard = peer.highestToken().get();
            List<ChildRow> inserted = session.insert(
                    group.group(), here.values(), peer.incarnation().id());
            inserted.forEach(row -> steps.put(row.id(), new Step(row, requests.answered(row))));
            if (!inserted.isEmpty()) {
                group.inserted(inserted, heard);
            }
        }
        if (!elsewhere.isEmpty()) {
            Set<String> possible = requests.typesTaken(session);
            elsewhere.values().removeIf(spec -> !possible.contains(spec.type()));
            session.offer(group.group(), elsewhere.values())
                    .forEach(row -> steps.put(row.id(), new Step(row, requests.answered(row), true)));
        }
        List<Wanted> others = new ArrayList<>();
        for (Wanted one : batch) {
            Step step = steps.remove(one.spec().id()); // the first request for this id
            if (step == null) {
                others.add(one);
            } else {
                one.step().complete(step);
            }
        }
        if (!others.isEmpty()) {
            requireAlive(session); // nothing is inserted into a terminated group
            findOrTake(session, others);
        }
    }

    private void findOrTake(WorkSession session, List<Wanted> others) {
        Set<String> ids = others.stream().map(one -> one.spec().id()).collect(Collectors.toSet());
        Map<String, ChildRow> known =
                session.rows(group.group(), ids).stream().collect(Collectors.toMap(ChildRow::id, Function.identity()));
        for (Wanted one : others) {
            ChildRow row = known.get(one.spec().id());
            boolean possible = group.takes(one.spec().type())
                    || requests.typesTaken(session).contains(one.spec().type());
            if (row == null && possible) {
                one.step().complete(Step.AGAIN);
            } else if (row == null) {
                one.step().completeExceptionally(requests.noCapablePeer(one.spec()));
            } else {
                one.step().complete(possible && isTakeable(row) ? take(session, row, one.spec()) : new Step(row, null));
            }
        }
    }

    /**
     * Whether an orphan may be taken over. A suspect may not: otherwise every application that starts its children at
     * its own start would die of the same one.
     */
    private boolean isTakeable(ChildRow row) {
        return row.isOrphan()
                && !row.isStatic()
                && row.desired() == DesiredState.RUNNING
                && !ChildViews.isAtRest(row)
                && !row.isSuspect(peer.settings().maxCrashes());
    }

    private Step take(WorkSession session, ChildRow orphan, ChildSpec spec) {
        boolean here = group.takes(spec.type());
        if (here && !claim(session, orphan)) {
            return Step.AGAIN; // another peer adopted it
        }
        Command command = here ? Command.START : Command.RESTART; // a failed START would remove the row and the reason
        ChildRow commanded =
                session.command(group.group(), spec.id(), orphan.revision(), command, DesiredState.RUNNING, spec);
        if (commanded == null) {
            return Step.AGAIN;
        }
        CompletableFuture<Optional<ChildRow>> answer = requests.answered(commanded);
        group.look(Set.of(spec.id()));
        return new Step(commanded, answer, !here);
    }

    /**
     * Claims an orphan for a start that was called here, without waiting for earlier peers. Returns whether this peer
     * got it.
     *
     * @throws StoreRefusedException if the database refuses to change its row
     */
    private boolean claim(WorkSession session, ChildRow orphan) {
        PeerId me = peer.incarnation().id();
        Long token = session.grant(group.group(), me, List.of(group.expected(orphan)), StartCause.STARTED, Map.of())
                .get(orphan.id());
        if (token == null) {
            session.refusal(group.group(), orphan.id()).ifPresent(refusal -> {
                throw new StoreRefusedException(String.valueOf(refusal.getMessage()), refusal.sqlState(), refusal);
            });
            return false;
        }
        peer.highestToken().heardOf(token);
        return true;
    }
}
