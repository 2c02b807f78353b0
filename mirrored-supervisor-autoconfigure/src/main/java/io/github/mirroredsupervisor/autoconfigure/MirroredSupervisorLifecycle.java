package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.mirror.Peer;
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
 * Joins when the context starts and leaves when it stops, as often as it does. A paused context must not run children, so this may be
 * paused.
 *
 * <p>Its phase puts it after the migration and before the web server on the way up, and after the server's graceful shutdown and before
 * executors and data sources on the way down: requests in flight still find their children.
 */
final class MirroredSupervisorLifecycle implements SmartLifecycle {

    static final int PHASE = Integer.MAX_VALUE - 4096;

    private static final Logger log = LoggerFactory.getLogger(MirroredSupervisorLifecycle.class);

    private static final Duration LONGEST_LEAVE = Duration.ofMinutes(1);

    private final Peer peer;

    private final String worstCases;

    private final boolean keepAlive;

    private volatile boolean running;

    private volatile CompletableFuture<Void> left = CompletableFuture.completedFuture(null);

    /** Opened when the keep-alive thread may end; guarded by "this". */
    private @Nullable CountDownLatch alive;

    /**
     * Ties a peer to the context.
     *
     * @param keepAlive whether a JVM without a web server is to stay up while the peer is joined, because there are children that it may run
     */
    MirroredSupervisorLifecycle(Peer peer, String worstCases, boolean keepAlive) {
        this.peer = peer;
        this.worstCases = worstCases;
        this.keepAlive = keepAlive;
    }

    @Override
    public void start() {
        awaitLeave();
        log.info("Mirrored supervision: {}", worstCases);
        peer.start();
        running = true;
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

    /** A context that did not wait for the end of its stop may be started while the peer still leaves. */
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
