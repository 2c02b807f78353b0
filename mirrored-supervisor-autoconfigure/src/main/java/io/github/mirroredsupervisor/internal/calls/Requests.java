package io.github.mirroredsupervisor.internal.calls;

import io.github.mirroredsupervisor.ChildNotFoundException;
import io.github.mirroredsupervisor.ChildRestartingException;
import io.github.mirroredsupervisor.ChildRunningException;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.MirroredSupervisorException;
import io.github.mirroredsupervisor.NoCapablePeerException;
import io.github.mirroredsupervisor.OwnerTimeoutException;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.ChildViews;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a group's calls: read the child's row, write a command that compares the row's revision, wait for the
 * owner's answer in the row. Thread-safe; waits on the caller's thread.
 */
final class Requests {

    private final GroupLoop group;
    private final PeerContext peer;
    private final Duration callTimeout;

    /**
     * The calls of one member.
     *
     * @param callTimeout how long one call may take
     */
    Requests(GroupLoop group, PeerContext peer, Duration callTimeout) {
        this.group = group;
        this.peer = peer;
        this.callTimeout = callTimeout;
    }

    /**
     * The result of one step of a call: the row, and the answer to wait for.
     *
     * @param offered whether another peer is to carry out the start; if that fails, the caller removes the row
     */
    record Step(@Nullable ChildRow row, @Nullable CompletableFuture<Optional<ChildRow>> answer, boolean offered) {

        Step(@Nullable ChildRow row, @Nullable CompletableFuture<Optional<ChildRow>> answer) {
            this(row, answer, false);
        }

        /** There is nothing to wait for. */
        static Step done(ChildRow row) {
            return new Step(row, null);
        }

        boolean isDone() {
            return row != null && answer == null;
        }

        /** The row changed in between: read it again. */
        static final Step AGAIN = new Step(null, null);
    }

    /** How long one call may take in all. */
    static final class Deadline {
        private final LongSupplier nanoTime;
        private final long end;

        private Deadline(Duration limit, LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
            this.end = nanoTime.getAsLong() + limit.toNanos();
        }

        /**
         * Called in each round of a call whose row keeps changing.
         *
         * @throws OwnerTimeoutException when the time is over
         */
        void check(String childId) {
            if (nanosLeft() == 0) {
                throw new OwnerTimeoutException("Child '" + childId + "' kept changing for as long as a call may take");
            }
        }

        boolean isOver() {
            return nanosLeft() == 0;
        }

        private long nanosLeft() {
            return Math.max(0, end - nanoTime.getAsLong());
        }
    }

    Deadline deadline() {
        return deadline(callTimeout);
    }

    private Deadline deadline(Duration limit) {
        return new Deadline(limit, peer.machine()::nanoTime);
    }

    /**
     * Waits until this peer may start children. If it was declared dead, waits until it has joined again, for as long
     * as the call may take. If the renewal of its lease is late, waits for no longer than a lease.
     *
     * @throws PeerNotJoinedException if this peer leaves, or has not joined in time
     * @throws StoreUnavailableException if its lease is not renewed
     */
    void awaitAbleToStart(Deadline deadline) {
        Deadline renewed = deadline(peer.settings().lease());
        while (!peer.mayStart()) {
            boolean late = deadline.isOver() || (peer.isJoined() && renewed.isOver());
            if (peer.isLeaving() || late || !pause(deadline)) {
                throw whyNoStart();
            }
            renewed = peer.isJoined() ? renewed : deadline(peer.settings().lease());
        }
    }

    /** Why children cannot be started here now. */
    MirroredSupervisorException whyNoStart() {
        if (peer.isLeaving()) {
            return new PeerNotJoinedException("This peer leaves and starts no children any more; ask another one");
        }
        if (!peer.isJoined()) {
            return new PeerNotJoinedException("This peer was declared dead and has not joined anew yet; ask again");
        }
        return new StoreUnavailableException("This peer starts no children now: its lease is not renewed", null);
    }

    /** Returns false if the thread was interrupted. */
    private boolean pause(Deadline deadline) {
        long pause =
                Math.min(deadline.nanosLeft(), peer.settings().renewInterval().toNanos() / 2);
        peer.machine().awaitDone(new CompletableFuture<Void>(), Duration.ofNanos(pause));
        return !Thread.currentThread().isInterrupted();
    }

    String group() {
        return group.group();
    }

    <T> T work(Function<WorkSession, T> task) {
        return peer.work().call(task, callTimeout);
    }

    Optional<ChildRow> read(WorkSession session, String childId) {
        return session.rows(group(), Set.of(childId)).stream().findFirst();
    }

    /**
     * Reads the child's row and acts on it, in one task of the work thread.
     *
     * @throws ChildNotFoundException if there is none
     */
    Step onRow(String childId, BiFunction<WorkSession, ChildRow, Step> action) {
        return work(session -> action.apply(
                session,
                read(session, childId)
                        .orElseThrow(() ->
                                new ChildNotFoundException("Group '" + group() + "' has no child '" + childId + "'"))));
    }

    /** Writes a command and acts on it at once where this peer is the owner. On the work thread. */
    Step command(WorkSession session, ChildRow row, Command command, DesiredState desired, @Nullable ChildSpec spec) {
        return command(session, row, command, desired, spec, read -> false);
    }

    /**
     * Writes a command that another state of the row may answer as well.
     *
     * @param enough whether the row is in such a state
     */
    Step command(
            WorkSession session,
            ChildRow row,
            Command command,
            DesiredState desired,
            @Nullable ChildSpec spec,
            Predicate<ChildRow> enough) {
        ChildRow written = session.command(group(), row.id(), row.revision(), command, desired, spec);
        if (written == null) {
            return Step.AGAIN;
        }
        CompletableFuture<Optional<ChildRow>> answer = answered(written, enough);
        if (written.isOrphan() || peer.incarnation().id().equals(written.owner())) {
            group.commanded(written);
        }
        return new Step(written, answer);
    }

    /**
     * Completes with the row when its owner has answered the written revision, or when no peer is going to answer; with
     * empty when the row is gone.
     */
    CompletableFuture<Optional<ChildRow>> answered(ChildRow written) {
        return answered(written, row -> false);
    }

    private CompletableFuture<Optional<ChildRow>> answered(ChildRow written, Predicate<ChildRow> enough) {
        return expect(
                written.id(),
                row -> row.isEmpty()
                        || row.get().answered() >= written.revision()
                        || isStranded(row.get())
                        || enough.test(row.get())
                        || (group.isTerminated() && row.get().desired() == DesiredState.RUNNING));
    }

    /** Lets the owner know that a caller waits for what it does next, which is not an answer to a command from here. */
    void tellOwner(ChildRow row) {
        peer.work().submit(session -> session.awaits(group(), row));
    }

    /** Whether the child is to run, and no live member can run it. */
    static boolean isStranded(ChildRow row) {
        return row.desired() == DesiredState.RUNNING && !row.isAnswered() && ChildViews.isUnplaceable(row);
    }

    /** This peer's own declaration of a child, in its stored form; null if it has none. */
    @Nullable
    ChildSpec declared(String childId) {
        return group.declaration(childId);
    }

    /** The types of the members that take children. */
    Set<String> typesTaken(WorkSession session) {
        return session.members(group()).stream()
                .filter(MemberRow::isFit)
                .flatMap(m -> m.types().stream())
                .collect(Collectors.toSet());
    }

    NoCapablePeerException noCapablePeer(ChildSpec spec) {
        return new NoCapablePeerException("No live peer of group '" + group() + "' takes child '" + spec.id()
                + "': those that know type '" + spec.type() + "' are cordoned or leave");
    }

    NoCapablePeerException noCapablePeer(ChildRow row, String more) {
        String why =
                row.spec() == null ? row.specError() : "none knows type '" + row.type() + "', or those are cordoned";
        return new NoCapablePeerException(
                "No live peer of group '" + group() + "' can run child '" + row.id() + "': " + why + more);
    }

    CompletableFuture<Optional<ChildRow>> expect(String childId, Predicate<Optional<ChildRow>> done) {
        return group.calls().expect(childId, done);
    }

    /**
     * Waits for the answer.
     *
     * @throws OwnerTimeoutException if it does not come in time, the caller is interrupted, or the caller is the run
     *     that is to start or end
     * @throws PeerNotJoinedException if the peer stops meanwhile
     */
    Optional<ChildRow> await(String childId, CompletableFuture<Optional<ChildRow>> answer, Deadline deadline) {
        if (!answer.isDone() && group.isRunByThisThread(childId)) {
            throw forItself(childId);
        }
        return awaitOthers(childId, answer, deadline);
    }

    /**
     * Like {@link #await}, for the result of a start. The child's own run may wait after its init has returned: only
     * the write is pending then.
     */
    Optional<ChildRow> awaitStarted(String childId, CompletableFuture<Optional<ChildRow>> answer, Deadline deadline) {
        if (!answer.isDone() && group.isInitOfThisThread(childId)) {
            throw forItself(childId);
        }
        return awaitOthers(childId, answer, deadline);
    }

    private static OwnerTimeoutException forItself(String childId) {
        return new OwnerTimeoutException(
                "Child '" + childId + "' cannot wait for itself; what it asked for stands and will be carried out");
    }

    private Optional<ChildRow> awaitOthers(
            String childId, CompletableFuture<Optional<ChildRow>> answer, Deadline deadline) {
        try {
            return peer.machine().await(answer, Duration.ofNanos(deadline.nanosLeft()));
        } catch (TimeoutException e) {
            throw new OwnerTimeoutException("The owner of child '" + childId + "' did not answer within " + callTimeout
                    + "; the request stands and will be carried out");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OwnerTimeoutException(
                    "Interrupted while waiting for the owner of child '" + childId + "'; the request stands");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PeerNotJoinedException stopped) {
                throw new PeerNotJoinedException(stopped.getMessage() + "; the request stands");
            }
            throw new IllegalStateException("Waiting for child '" + childId + "' failed", e);
        } finally {
            answer.cancel(false);
        }
    }

    /** Semantics rows A44 and A45: refuses calls that require a child that does not run. */
    static void refuseIfRunning(ChildRow row) {
        if (ChildViews.isAtRest(row)) {
            return;
        }
        switch (ChildViews.phase(row)) {
            case STOPPED -> {}
            case RESTARTING ->
                throw new ChildRestartingException(
                        "Child '" + row.id() + "' waits for its restart; terminate it first");
            case STUCK ->
                throw new ChildRunningException("Child '" + row.id()
                        + "' was told to stop and its thread still lives; it is given up a lease after it was"
                        + " found stuck");
            case UNPLACEABLE ->
                throw new ChildRunningException("Child '" + row.id()
                        + "' is another peer's, which may run it although this peer cannot read its spec ("
                        + row.specError() + "); removeChild removes it all the same");
            default -> throw new ChildRunningException("Child '" + row.id() + "' runs; terminate it first");
        }
    }
}
