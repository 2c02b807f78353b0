package io.github.mirroredsupervisor.autoconfigure.process;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.liveness.ForeignApplicationException;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.internal.peer.StartAbandonedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Joins each time the context starts and leaves each time it stops. A paused context must not run children, so this
 * bean may be paused too.
 *
 * <p>Its phase makes it start after the migration and before the web server. It stops after the server's graceful
 * shutdown, so that requests in flight still find their children, and before executors and data sources.
 */
public final class MirroredSupervisorLifecycle implements SmartLifecycle {

    public static final int PHASE = Integer.MAX_VALUE - 4096;

    private static final Logger log = LoggerFactory.getLogger(MirroredSupervisorLifecycle.class);

    private static final Duration LONGEST_LEAVE = Duration.ofMinutes(1);

    private final Peer peer;

    private final String worstCases;

    private final boolean keepAlive;

    private final boolean isNamed;

    private final Runnable beforeJoining;

    private volatile boolean running;

    private volatile CompletableFuture<Void> left = CompletableFuture.completedFuture(null);

    /** Opened when the keep-alive thread may end; guarded by "this". */
    private @Nullable CountDownLatch alive;

    /**
     * Ties a peer to the context.
     *
     * @param keepAlive whether a JVM without a web server stays up while the peer is joined, because the peer may run
     *     children
     * @param isNamed whether the application or its default group has a configured name
     * @param beforeJoining runs before the peer owns any child; it may throw to refuse the start
     */
    public MirroredSupervisorLifecycle(
            Peer peer, String worstCases, boolean keepAlive, boolean isNamed, Runnable beforeJoining) {
        this.peer = peer;
        this.worstCases = worstCases;
        this.keepAlive = keepAlive;
        this.isNamed = isNamed;
        this.beforeJoining = beforeJoining;
    }

    @Override
    @SuppressWarnings("try") // the body does not use the signal
    public void start() {
        try (ShutdownSignal signal = ShutdownSignal.open(this::leaveSoon)) {
            awaitLeave();
            beforeJoining.run();
            log.info("Mirrored supervision: {}", worstCases);
            if (!isNamed) {
                log.warn(
                        "Neither spring.application.name nor mirrored-supervisor.group is set: the default group is '{}', as it is of every such"
                                + " application on this database. Set one of them, so that no other application runs the children of this one",
                        GroupNames.LAST_RESORT);
            }
            peer.start();
            running = true;
        } catch (ForeignApplicationException ex) {
            throw new SupervisorStartException(
                    Problem.FOREIGN_APPLICATION,
                    String.valueOf(ex.getMessage()),
                    "Set spring.application.name, or mirrored-supervisor.group, in both applications, to different names. If they are one "
                            + "application whose main class was renamed, set mirrored-supervisor.group="
                            + GroupNames.LAST_RESORT
                            + " to keep its children.",
                    ex);
        } catch (StartAbandonedException ex) {
            throw ShutdownSignal.stopped(ex);
        }
        if (keepAlive) {
            stayAlive();
        }
    }

    @Override
    public void stop(Runnable callback) {
        CompletableFuture<Void> unused = leave().thenRun(callback);
    }

    @Override
    public void stop() {
        leave().join();
    }

    private CompletableFuture<Void> leave() {
        running = false;
        CompletableFuture<Void> leave = peer.stop().whenComplete((done, failure) -> letGo());
        left = leave;
        return leave;
    }

    /** Stops the peer; this also ends a start of the peer that is still in progress. */
    private void leaveSoon() {
        try {
            peer.stop().get(LONGEST_LEAVE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException ex) {
            log.warn("The peer has not left yet: its lease ends");
        }
    }

    /** Waits for an earlier stop: a context that did not wait for it may be started while the peer is still leaving. */
    private void awaitLeave() {
        try {
            left.get(LONGEST_LEAVE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the peer still leaves", ex);
        } catch (ExecutionException | TimeoutException ex) {
            throw new IllegalStateException(
                    "The peer has not left since the context was stopped: a child does not end", ex);
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    private synchronized void stayAlive() {
        CountDownLatch end = new CountDownLatch(1);
        alive = end;
        Thread thread = new Thread(() -> awaitEnd(end), "mirrored-supervisor-keep-alive");
        thread.setDaemon(false);
        thread.start();
    }

    private static void awaitEnd(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException ex) {
            log.debug("No longer keeping the JVM alive: interrupted");
        }
    }

    private synchronized void letGo() {
        if (alive != null) {
            alive.countDown();
            alive = null;
        }
    }
}
