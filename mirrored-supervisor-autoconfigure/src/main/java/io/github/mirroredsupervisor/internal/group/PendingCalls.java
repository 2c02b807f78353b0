package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.internal.sessions.NotificationPace;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.store.StoreWorker;
import io.github.mirroredsupervisor.internal.store.WorkSession;
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
 * Who waits for what to become of a child's row. The answer is always the row itself, read again when something may
 * have changed and, while somebody waits, every half renewal interval. Thread-safe.
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
     * Waits for a row to be as wanted. Who waits no longer cancels the future.
     *
     * @param done asked with the row, empty if it is gone
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
     * What came of a start in this process. A row tells less: not the failure itself, and nothing once it is removed.
     *
     * @param token of the run
     * @param failure null if it was acknowledged
     */
    public record Outcome(long token, @Nullable Throwable failure) {}

    /** Keeps what came of a start here, for a caller in this process. */
    void note(String childId, Outcome outcome) {
        if (waiters.stream().anyMatch(w -> w.childId().equals(childId))) {
            outcomes.put(childId, outcome);
        }
    }

    @Nullable
    public Outcome takeOutcome(String childId) {
        return outcomes.remove(childId);
    }

    /** Another peer has answered something. Any thread. */
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

    /** Behind every task that was given to the work thread before. Any thread. */
    void checkSoon() {
        if (!waiters.isEmpty()) {
            work.submit(this::check);
        }
    }

    /** Reads the rows that somebody waits for. On the work thread. */
    private void check(WorkSession session) {
        waiters.removeIf(waiter -> waiter.result().isDone());
        Set<String> ids = waiters.stream().map(Waiter::childId).collect(Collectors.toSet());
        if (ids.isEmpty()) {
            return;
        }
        Map<String, ChildRow> rows =
                session.rows(group, ids).stream().collect(Collectors.toMap(ChildRow::id, Function.identity()));
        for (Waiter waiter : waiters) {
            Optional<ChildRow> row = Optional.ofNullable(rows.get(waiter.childId()));
            if (ids.contains(waiter.childId()) && waiter.done().test(row)) {
                waiter.result().complete(row);
            }
        }
    }

    /** Nobody is answered any more: the peer stops. Any thread. */
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
