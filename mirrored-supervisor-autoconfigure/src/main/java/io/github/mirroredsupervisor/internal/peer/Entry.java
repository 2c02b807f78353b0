package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.lease.LeaseRenewer;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.liveness.PeerMembership;
import io.github.mirroredsupervisor.internal.liveness.TokenCheck;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a peer becomes a member: it tries to join until it succeeds, or until it is told to give up. The pause between
 * two tries grows and is random, so that peers that start at once do not collide again and again. A try whose answer
 * was lost may have been carried out. The next try uses the same id, and finds the rows that it would write.
 *
 * <p>The tries are made on the work thread, which has no other work until then. Thread-safe.
 */
final class Entry {

    private static final Logger log = LoggerFactory.getLogger(Entry.class);

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final PeerContext peer;
    private final PeerMembership membership;
    private final StorePreparation preparation;
    private final Store store;
    private final LeaseRenewer renewer;
    private final TokenCheck tokens;
    private final PeerThreads threads;
    private final CompletableFuture<Void> entered = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicBoolean ending = new AtomicBoolean();
    private final SplittableRandom random;

    /** Work thread only. */
    private int failures;

    /** Work thread only. */
    private String lastReason = "";

    /** Guarded by this. */
    private boolean abandoned;

    /** Guarded by this. */
    private boolean member;

    /** A peer that has not tried to join yet. */
    Entry(
            PeerContext peer,
            PeerMembership membership,
            StorePreparation preparation,
            Store store,
            LeaseRenewer renewer,
            TokenCheck tokens,
            PeerThreads threads) {
        this.peer = peer;
        this.membership = membership;
        this.preparation = preparation;
        this.store = store;
        this.renewer = renewer;
        this.tokens = tokens;
        this.threads = threads;
        this.random = new SplittableRandom(peer.incarnation().id().value().getLeastSignificantBits());
    }

    void begin() {
        peer.work().submit(this::attempt);
    }

    /** Completes when this peer is a member; exceptionally with a permanent failure, or when it has given up. */
    CompletableFuture<Void> entered() {
        return entered;
    }

    /** Whether it ended without ever having been a member. */
    boolean isOver() {
        return ended.isDone();
    }

    /**
     * Stops trying. A try that is under way is undone if it succeeds nevertheless.
     *
     * @return a future that completes when nothing is left to be done, within a lease; null if this peer is already a
     *     member, and so has to leave instead
     */
    synchronized @Nullable CompletableFuture<Void> giveUp() {
        if (member) {
            return null;
        }
        if (!abandoned) {
            abandoned = true;
            entered.completeExceptionally(new StartAbandonedException("This peer was stopped before it had joined"));
            peer.work().submit(session -> end());
            // Connection time-outs end a try that delays this task, but the store's preparation may take longer.
            peer.machine().after(peer.settings().lease(), this::end);
        }
        return ended;
    }

    private void end() {
        if (ending.compareAndSet(false, true)) {
            threads.close();
            ended.complete(null);
        }
    }

    private synchronized boolean isAbandoned() {
        return abandoned;
    }

    private void attempt(WorkSession session) {
        if (isAbandoned()) {
            return;
        }
        try {
            preparation.prepare();
            // If another server answers the first renewal, it may lack tokens granted since the join (rule 11b).
            tokens.answeredBy(renewer.server(peer.incarnation()));
            List<GroupRow> rows = membership.join(session);
            if (!becomeMember()) {
                session.leave(peer.incarnation().id());
                return;
            }
            threads.start(rows);
            peer.state().joinFailed(null);
            entered.complete(null);
        } catch (RuntimeException e) {
            failed(e);
        } catch (Error e) {
            entered.completeExceptionally(e);
            throw e;
        }
    }

    private synchronized boolean becomeMember() {
        member = !abandoned;
        return member;
    }

    private void failed(RuntimeException failure) {
        failures++;
        peer.state().joinFailed(failure);
        boolean lenient = peer.settings().startup() == Startup.LENIENT;
        if (!lenient && !(failure instanceof StoreException known && store.mayPass(known))) {
            entered.completeExceptionally(failure);
            return;
        }
        Duration pause = pause();
        String reason = String.valueOf(failure.getMessage());
        if (!reason.equals(lastReason) && !isAbandoned()) {
            lastReason = reason;
            log.info("This peer could not join yet and tries again: {}", reason);
        }
        peer.work().schedule(this::attempt, pause);
    }

    /** A random time between half of the pause and all of it. */
    private Duration pause() {
        Duration doubled = SHORTEST_PAUSE.multipliedBy(1L << Math.min(failures, 10));
        long nanos = Math.min(doubled.toNanos(), LONGEST_PAUSE.toNanos());
        return Duration.ofNanos(nanos / 2 + random.nextLong(nanos / 2));
    }
}
