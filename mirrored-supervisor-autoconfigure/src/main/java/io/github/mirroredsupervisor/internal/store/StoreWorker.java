package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.MirroredSupervisorException;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.platform.Platform;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread with its connection. It runs one task after the other. A peer has two of them: "work" for everything about
 * ownership, and "read" for queries of users and monitors, which may be slow and must not delay "work". Thread-safe.
 */
public final class StoreWorker implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StoreWorker.class);

    private final WorkSession session;
    private final Platform machine;
    private final Executor later;
    private final ScheduledExecutorService executor;
    private final Queue<CompletableFuture<?>> calls = new ConcurrentLinkedQueue<>();

    private final String name;

    /** The connection is closed after this time without a task; null for never. */
    private final @Nullable Duration idle;

    /** Written by the thread only. */
    private boolean failing;

    /** The number of answers at the time of the last failure. Written by the thread only. */
    private long answeredBefore;

    /** Written by the thread only. */
    private boolean resting;

    /** Written by the thread only. */
    private long lastUsed;

    private StoreWorker(String name, WorkSession session, Platform machine, Executor later, @Nullable Duration idle) {
        this.name = name;
        this.session = session;
        this.machine = machine;
        this.later = later;
        this.idle = idle;
        this.executor = machine.worker("mirrored-supervisor-" + name, session::close);
    }

    /**
     * For ownership. The session is closed as the last act of the thread.
     *
     * @param later runs the logging, so that no task waits for an appender
     */
    public static StoreWorker forOwnership(WorkSession session, Platform machine, Executor later) {
        return new StoreWorker("work", session, machine, later, null);
    }

    /** For queries: connected only during queries and for a while afterwards. */
    public static StoreWorker forQueries(WorkSession session, Platform machine, Executor later) {
        return new StoreWorker("read", session, machine, later, Duration.ofSeconds(10));
    }

    /** Runs a task soon. A failure is only logged: the next reconciliation finds the work again. */
    public void submit(Consumer<WorkSession> task) {
        schedule(task, Duration.ZERO);
    }

    public void schedule(Consumer<WorkSession> task, Duration delay) {
        try {
            var unused = executor.schedule(() -> guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.trace("The peer is stopping; a late task is dropped", e);
        }
    }

    /**
     * Runs a task and waits for it. An interrupt does not end the wait, so that a child can call this while it is being
     * stopped. The connection's time-outs bound the task itself; the limit bounds the wait for earlier tasks.
     *
     * @throws StoreUnavailableException if the database does not answer in time
     * @throws StoreRefusedException if the database refuses
     * @throws PeerNotJoinedException if the peer is not running
     */
    public <T> T call(Function<WorkSession, T> task, Duration limit) {
        CompletableFuture<T> result = new CompletableFuture<>();
        calls.add(result);
        try {
            executor.execute(() -> complete(result, task));
            return await(result, limit);
        } catch (RejectedExecutionException e) {
            throw stopping();
        } finally {
            result.cancel(false);
            calls.removeIf(CompletableFuture::isDone);
        }
    }

    private <T> void complete(CompletableFuture<T> result, Function<WorkSession, T> task) {
        if (result.isDone()) {
            return; // the caller no longer waits
        }
        try {
            result.complete(task.apply(session));
            recovered();
        } catch (Throwable e) {
            result.completeExceptionally(e);
        } finally {
            used();
        }
    }

    private void used() {
        if (idle != null) {
            lastUsed = machine.nanoTime();
            restAfter(idle);
        }
    }

    private void restAfter(Duration delay) {
        if (!resting) {
            try {
                var unused = executor.schedule(this::rest, delay.toNanos(), TimeUnit.NANOSECONDS);
                resting = true;
            } catch (RejectedExecutionException e) {
                log.trace("The thread ends, and closes the connection", e);
            }
        }
    }

    private void rest() {
        resting = false;
        Duration left = Objects.requireNonNull(idle).minusNanos(machine.nanoTime() - lastUsed);
        if (left.isNegative() || left.isZero()) {
            session.rest();
        } else {
            restAfter(left);
        }
    }

    private <T> T await(CompletableFuture<T> result, Duration limit) {
        long end = machine.nanoTime() + limit.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return machine.await(result, Duration.ofNanos(end - machine.nanoTime()));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw asUnchecked(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new StoreUnavailableException("The database did not answer within " + limit, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    public static PeerNotJoinedException stopping() {
        return new PeerNotJoinedException("This peer is not running; ask another one");
    }

    private static RuntimeException asUnchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof MirroredSupervisorException known) {
            known.addSuppressed(new Throwable("called from here"));
            return known;
        }
        return failure instanceof RuntimeException other ? other : new IllegalStateException(failure);
    }

    private void guarded(Consumer<WorkSession> task) {
        try {
            task.accept(session);
            recovered();
        } catch (StoreUnavailableException e) {
            answeredBefore = session.answered();
            if (!failing) {
                failing = true;
                later.execute(() -> log.warn(
                        "The database does not answer the {} connection; retrying with every renewal: {}",
                        name,
                        e.getMessage()));
            }
        } catch (StoreRefusedException e) {
            recovered();
            log.debug(
                    "A task was refused, which the store has said; the next reconciliation repeats what it was for", e);
        } catch (Throwable e) {
            later.execute(() ->
                    log.error("A task of the supervisor failed; the next reconciliation repeats what it was for", e));
        }
    }

    /** A task may succeed without querying the database, which proves nothing. */
    private void recovered() {
        if (failing && session.answered() != answeredBefore) {
            failing = false;
            later.execute(() -> log.info("The database answers the {} connection again", name));
        }
    }

    /**
     * Ends the thread after the current task, then closes the connection. Waiting callers get an exception. Does not
     * wait.
     */
    @Override
    public void close() {
        executor.shutdown();
        calls.forEach(call -> call.completeExceptionally(stopping()));
    }
}
