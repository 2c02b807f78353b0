package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.ownership.Outbox;
import io.github.mirroredsupervisor.internal.store.StoreWorker;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait for a change of a child's row. The answer is always the row itself, as it was committed: as a
 * write of this peer returned it, or as it was read. It is read when it may have changed and, while a call waits, every
 * half renewal interval. Thread-safe.
 */
public final class PendingCalls {

    private final String group;
    private final StoreWorker work;
    private final Duration pollInterval;
    private final List<Waiter> waiters = new CopyOnWriteArrayList<>();
    private final Map<String, Outcome> outcomes = new ConcurrentHashMap<>();
    private final AtomicBoolean polling = new AtomicBoolean();
    private final AtomicBoolean checkQueued = new AtomicBoolean();
    private final NotificationPace pace;
    private volatile boolean closed;

    PendingCalls(String group, StoreWorker work, Duration renewInterval, NotificationPace pace) {
        this.pace = pace;
        this.group = group;
        this.work = work;
        this.pollInterval = renewInterval.dividedBy(2);
    }

    /**
     * Waits for a row to satisfy a condition. A caller that stops waiting cancels the future.
     *
     * @param done the condition, called with the row, or with empty if it is gone
     */
    public CompletableFuture<Optional<ChildRow>> expect(String childId, Predicate<Optional<ChildRow>> done) {
        Waiter waiter = new Waiter(childId, done, new CompletableFuture<>());
        waiters.add(waiter);
        if (closed) {
            close();
        }
        pollWhileWaiting();
        return waiter.result();
    }

    /**
     * The result of a start in this process. A row holds less: not the exception itself, and nothing once it is
     * removed.
     *
     * @param token of the run
     * @param failure null if the start succeeded
     */
    public record Outcome(long token, @Nullable Throwable failure) {}

    /** Keeps the result of a start here, for a caller in this process. */
    void note(String childId, Outcome outcome) {
        if (waiters.stream().anyMatch(w -> w.childId().equals(childId))) {
            outcomes.put(childId, outcome);
        }
    }

    @Nullable
    public Outcome takeOutcome(String childId) {
        return outcomes.remove(childId);
    }

    /** Called when another peer has answered a command. Any thread. */
    public void hinted() {
        if (!waiters.isEmpty() && checkQueued.compareAndSet(false, true)) {
            work.schedule(
                    session -> {
                        checkQueued.set(false);
                        check(session);
                    },
                    pace.take(1));
        }
    }

    /** Checks after all tasks that were submitted to the work thread before. Any thread. */
    void checkSoon() {
        if (!waiters.isEmpty()) {
            work.submit(this::check);
        }
    }

    /** Reads the rows that calls wait for. On the work thread. */
    private void check(WorkSession session) {
        Set<String> ids = awaited();
        if (!ids.isEmpty()) {
            answer(ids, session.rows(group, ids));
        }
    }

    /** The children whose rows calls wait for. Any thread. */
    private Set<String> awaited() {
        waiters.removeIf(waiter -> waiter.result().isDone());
        return waiters.stream().map(Waiter::childId).collect(Collectors.toSet());
    }

    /**
     * Answers the calls whose condition these rows meet. On the work thread, in the task that has read or written them:
     * no call can be answered by a row from before its request.
     *
     * @param rows of those of the children that there are
     */
    void answer(Set<String> childIds, List<ChildRow> rows) {
        Map<String, ChildRow> byId = rows.stream().collect(Collectors.toMap(ChildRow::id, Function.identity()));
        for (Waiter waiter : waiters) {
            Optional<ChildRow> row = Optional.ofNullable(byId.get(waiter.childId()));
            if (childIds.contains(waiter.childId()) && waiter.done().test(row)) {
                waiter.result().complete(row);
            }
        }
    }

    /**
     * Carries out a batch, and answers the calls that wait for the rows of its reports. Calls for its other children
     * are checked soon: their rows are gone, released, locked or refused, or the outcome is unknown. On the work
     * thread.
     */
    Outbox.Written write(Outbox.Batch batch, WorkSession session, PeerId me) {
        Set<String> open = awaited();
        open.retainAll(batch.childIds());
        try {
            Outbox.Written written = batch.write(session, group, me, open);
            Set<String> returned = written.rows().stream().map(ChildRow::id).collect(Collectors.toSet());
            answer(returned, written.rows());
            open.removeAll(returned);
            return written;
        } finally {
            if (!open.isEmpty()) {
                checkSoon();
            }
        }
    }

    /** Fails all waiting calls, as the peer stops. Any thread. */
    void close() {
        closed = true;
        waiters.forEach(waiter -> waiter.result().completeExceptionally(StoreWorker.stopping()));
    }

    private void pollWhileWaiting() {
        if (polling.compareAndSet(false, true)) {
            work.schedule(
                    session -> {
                        polling.set(false);
                        waiters.removeIf(waiter -> waiter.result().isDone());
                        if (!waiters.isEmpty()) {
                            pollWhileWaiting();
                            check(session);
                        }
                    },
                    pollInterval);
        }
    }

    private record Waiter(
            String childId, Predicate<Optional<ChildRow>> done, CompletableFuture<Optional<ChildRow>> result) {}
}
