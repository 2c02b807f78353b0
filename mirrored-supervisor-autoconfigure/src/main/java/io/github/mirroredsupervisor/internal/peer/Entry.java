package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.group.PeerContext;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.store.GroupRow;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a peer comes to be a member: it tries to join until it has, or until it is told to give up. The pause between two
 * tries grows and is random, so that many that start at once do not meet again and again. A try whose answer was lost
 * may have been carried out: the next one is made under the same id, and finds the rows that it would write.
 *
 * <p>The tries are made on the work thread, which has nothing else to do before. Thread-safe.
 */
final class Entry {

    private static final Logger log = LoggerFactory.getLogger(Entry.class);

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final PeerContext peer;
    private final PeerMembership joining;
    private final Consumer<Incarnation> preparation;
    private final Predicate<StoreException> mayPass;
    private final Consumer<List<GroupRow>> enter;
    private final Runnable close;
    private final CompletableFuture<Void> entered = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicBoolean ending = new AtomicBoolean();
    private final SplittableRandom random;

    /** Work thread only. */
    private int failures;

    /** Work thread only. */
    private String lastReason = "";

    private volatile @Nullable RuntimeException lastFailure;

    /** Guarded by this. */
    private boolean abandoned;

    /** Guarded by this. */
    private boolean member;

    /**
     * A peer that has not tried to join yet.
     *
     * @param preparation sees to it that a peer can join, before each try on the work thread
     * @param mayPass whether a failure may pass by itself
     * @param enter makes the joined peer run, by the rows of its groups
     * @param close ends a peer that never joined
     */
    Entry(
            PeerContext peer,
            PeerMembership joining,
            Consumer<Incarnation> preparation,
            Predicate<StoreException> mayPass,
            Consumer<List<GroupRow>> enter,
            Runnable close) {
        this.peer = peer;
        this.joining = joining;
        this.preparation = preparation;
        this.mayPass = mayPass;
        this.enter = enter;
        this.close = close;
        this.random = new SplittableRandom(joining.incarnation().id().value().getLeastSignificantBits());
    }

    void begin() {
        peer.work().submit(this::attempt);
    }

    /**
     * Completes when this peer is a member; exceptionally with a failure that will not pass, or when it has given up.
     */
    CompletableFuture<Void> entered() {
        return entered;
    }

    /** Why it has not joined yet; null before the first failure. */
    @Nullable
    RuntimeException lastFailure() {
        return lastFailure;
    }

    /** Ended without ever having been a member. */
    boolean isOver() {
        return ended.isDone();
    }

    /**
     * No more tries. One that is under way is undone when it succeeds nevertheless.
     *
     * @return completes when nothing is left to be done, within a lease; null if this peer is a member already, who is
     *     to leave then
     */
    synchronized @Nullable CompletableFuture<Void> giveUp() {
        if (member) {
            return null;
        }
        if (!abandoned) {
            abandoned = true;
            entered.completeExceptionally(new StartAbandonedException("This peer was stopped before it had joined"));
            peer.work().submit(session -> end());
            // The connection's time-outs end the task before that one, but what prepares the store may have others.
            peer.machine().after(peer.settings().lease(), this::end);
        }
        return ended;
    }

    private void end() {
        if (ending.compareAndSet(false, true)) {
            close.run();
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
            preparation.accept(joining.incarnation());
            List<GroupRow> rows = joining.join(session);
            if (!becomeMember()) {
                session.leave(joining.incarnation().id());
                return;
            }
            enter.accept(rows);
            lastFailure = null;
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
        lastFailure = failure;
        boolean lenient = peer.settings().startup() == Startup.LENIENT;
        if (!lenient && !(failure instanceof StoreException known && mayPass.test(known))) {
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

    /** Between half of it and all of it. */
    private Duration pause() {
        Duration doubled = SHORTEST_PAUSE.multipliedBy(1L << Math.min(failures, 10));
        long nanos = Math.min(doubled.toNanos(), LONGEST_PAUSE.toNanos());
        return Duration.ofNanos(nanos / 2 + random.nextLong(nanos / 2));
    }
}
