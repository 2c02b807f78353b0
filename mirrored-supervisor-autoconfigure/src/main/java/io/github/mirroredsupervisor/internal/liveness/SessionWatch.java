package io.github.mirroredsupervisor.internal.liveness;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.Groups;
import io.github.mirroredsupervisor.internal.lease.PeerState;
import io.github.mirroredsupervisor.internal.platform.Loop;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.platform.Threads;
import io.github.mirroredsupervisor.internal.platform.Ticker;
import io.github.mirroredsupervisor.internal.reconcile.Reconciler;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WatchSession;
import io.github.mirroredsupervisor.internal.store.WatchSession.Outcome;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the lock of one other peer on the watch thread, and has the groups take over when it is released (protocol
 * rule 10). It has a connection only while there is a peer to watch. Without it the same happens, but at the end of the
 * lease.
 */
public final class SessionWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SessionWatch.class);

    private final Store store;
    private final PeerState state;
    private final Groups groups;
    private final Executor interrupter;
    private final Ticker ticker;
    private final Duration lease;
    private final Loop loop;

    private volatile boolean open = true;

    /** The peers that hold locks, as read by the last renewal. */
    private volatile Set<PeerId> holders = Set.of();

    private volatile @Nullable SessionLock wanted;

    /** The lock it is waiting for now. */
    private volatile @Nullable SessionLock current;

    /** Guarded by this. */
    private @Nullable WatchSession session;

    /** Watch thread only: a lock that was found free or released, and so is never held again. */
    private @Nullable SessionLock spent;

    /** Watch thread only. */
    private int failures;

    /**
     * Creates a watch over no peer.
     *
     * @param interrupter runs interrupts, which may take as long as a new connection
     */
    public SessionWatch(
            Store store, PeerState state, Groups groups, Executor interrupter, Platform machine, Duration lease) {
        this.store = store;
        this.state = state;
        this.groups = groups;
        this.interrupter = interrupter;
        this.ticker = machine;
        this.lease = lease;
        this.loop = machine.create("mirrored-supervisor-watch", this::step, this::disconnect);
    }

    public void start() {
        loop.start();
    }

    /**
     * Chooses the peer to watch. It follows from the members as last read, so a change takes effect only two renewals
     * later. Any thread.
     *
     * @param locks the locks that other peers hold, as read by a renewal
     */
    void observe(PeerId me, Map<PeerId, SessionLock> locks) {
        holders = locks.keySet();
        List<List<MemberRow>> members =
                groups.all().stream().map(GroupLoop::members).toList();
        over(WatchRing.watched(me, members, locks.keySet()).map(locks::get).orElse(null));
    }

    /** Sets the lock to watch; null for no lock. Each call also interrupts a wait for a different lock. */
    private void over(@Nullable SessionLock lock) {
        boolean news = !Objects.equals(wanted, lock);
        wanted = lock;
        SessionLock waitedFor = current;
        if (waitedFor == null && news) {
            loop.wake();
        } else if (waitedFor != null && !waitedFor.equals(lock)) {
            interrupter.execute(this::interrupt);
        }
    }

    /** Watches for a while. Returns how many nanoseconds to pause before the next step. */
    private long step() {
        try {
            SessionLock lock = wanted;
            if (lock == null) {
                disconnect();
            } else if (!lock.equals(spent)) {
                return await(lock);
            }
        } catch (StoreException e) {
            return failed(e).toNanos();
        } catch (Throwable e) {
            Threads.say(() -> log.error("Watching a session failed in an unforeseen way and is tried again", e));
        }
        return lease.toNanos();
    }

    private long await(SessionLock lock) {
        WatchSession watching = opened();
        if (watching == null) {
            return lease.toNanos();
        }
        current = lock;
        Outcome outcome;
        try {
            outcome = watching.await(lock);
        } finally {
            current = null;
        }
        failures = 0;
        if (outcome == Outcome.RELEASED) {
            released(lock, ticker.nanoTime());
        }
        if (outcome != Outcome.HELD) {
            spent = lock;
        }
        return 0;
    }

    private void released(SessionLock lock, long releasedAt) {
        for (GroupLoop group : groups.all()) {
            WatchRing.rank(state.incarnation().id(), lock.peer(), group.members(), holders)
                    .ifPresent(rank -> group.sessionLost(lock, releasedAt, Reconciler.RANK_STEP.multipliedBy(rank)));
        }
    }

    private Duration failed(StoreException e) {
        failures++;
        if (failures == 2) { // a closed connection causes a single failure
            log.warn(
                    "No other peer's session can be watched until the database answers; its children then wait for the lease: {}",
                    e.getMessage());
        }
        return failures == 1
                ? Duration.ZERO
                : lease.multipliedBy(Math.min(failures, 10)).dividedBy(10);
    }

    private synchronized @Nullable WatchSession opened() {
        if (session == null && open) {
            session = store.openWatch().orElse(null);
        }
        return session;
    }

    private synchronized void interrupt() {
        if (session != null) {
            session.interrupt();
        }
    }

    private synchronized void disconnect() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    @Override
    public void close() {
        open = false;
        loop.close();
        disconnect();
    }
}
