package io.github.mirroredsupervisor.autoconfigure.coordination;

import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.integration.leader.AbstractCandidate;
import org.springframework.integration.leader.Context;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * The coordinator's duties: it removes rows that are no longer needed. They run on a separate thread, because the
 * election sends no heartbeat while a candidate works on the election's thread. Every duty is idempotent: two
 * coordinators at a time are harmless.
 */
final class Housekeeping extends AbstractCandidate {

    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    /** Long enough to find out what happened to a peer, and short enough that a crash loop does not fill the table. */
    private static final Duration PEER_RETENTION = Duration.ofHours(1);

    /** The most rows that a statement deletes; that many take tens of milliseconds. */
    private static final int MOST_AT_ONCE = 5000;

    private static final int LEAST_AT_ONCE = 100;

    private static final Duration LONG = Duration.ofSeconds(1);

    private final Store store;

    private final Duration historyRetention;

    private final Duration period;

    private final Runnable deleteExpiredLocks;

    /** The thread of the duties while this process is the coordinator; guarded by "this". */
    private @Nullable ScheduledExecutorService duties;

    /** Whether the last round failed; used by the duties' thread only. */
    private boolean failing;

    /** The duties that the database refused at the last attempt; used by the duties' thread only. */
    private final Set<String> refused = new HashSet<>();

    /**
     * How many rows a statement deletes; lowered after a failure, such as a time-out. Used by the duties' thread only.
     */
    private int atOnce = MOST_AT_ONCE;

    Housekeeping(Store store, Duration historyRetention, Duration period, Runnable deleteExpiredLocks) {
        super(null, "mirrored-supervisor-coordinator");
        this.store = store;
        this.historyRetention = historyRetention;
        this.period = period;
        this.deleteExpiredLocks = deleteExpiredLocks;
    }

    @Override
    public synchronized void onGranted(Context context) {
        if (duties != null) {
            return;
        }
        log.info("This process is the coordinator of the mirrored supervisors");
        CustomizableThreadFactory threads = new CustomizableThreadFactory("mirrored-supervisor-coordinator-");
        threads.setDaemon(true);
        ScheduledExecutorService own = Executors.newSingleThreadScheduledExecutor(threads);
        duties = own;
        var unused = own.scheduleWithFixedDelay(() -> round(own), 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void onRevoked(Context context) {
        if (duties != null) {
            duties.shutdownNow();
            duties = null;
            log.info("This process is no longer the coordinator of the mirrored supervisors");
        }
    }

    private void round(ScheduledExecutorService own) {
        try (WorkSession work = store.openReads()) {
            duty(
                    own,
                    "remove peers that ended",
                    () -> purge(own, "peers that ended", most -> work.purgePeers(PEER_RETENTION, most)));
            duty(
                    own,
                    "remove old entries of the history",
                    () -> purge(own, "old entries of the history", most -> work.purgeHistory(historyRetention, most)));
            duty(own, "remove expired locks", deleteExpiredLocks);
            failing = false;
        } catch (Throwable ex) { // an exception would end the schedule
            atOnce = Math.max(LEAST_AT_ONCE, atOnce / 4);
            // An interrupt by the end of the candidacy is not a failure.
            if (!failing && !own.isShutdown()) {
                log.warn("Housekeeping failed and will be tried again", ex);
                failing = true;
            }
        }
    }

    /** Runs one duty. If the database refuses it, the other duties still run. */
    private void duty(ScheduledExecutorService own, String what, Runnable duty) {
        if (own.isShutdown()) {
            return;
        }
        try {
            duty.run();
            refused.remove(what);
        } catch (StoreRefusedException ex) {
            if (refused.add(what)) {
                log.warn("Housekeeping was refused to {}, and will try it again: {}", what, ex.getMessage());
            }
        }
    }

    /**
     * Deletes in parts, until nothing is left or the candidacy ends. Each part is a short statement, followed by a
     * pause as long as the statement took.
     */
    private void purge(ScheduledExecutorService own, String what, IntUnaryOperator part) {
        long start = System.nanoTime();
        long sum = 0;
        boolean more = true;
        boolean told = false;
        while (more && !own.isShutdown()) {
            long began = System.nanoTime();
            int most = atOnce;
            int removed = part.applyAsInt(most);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            sum += removed;
            more = removed >= most;
            if (more && !told) {
                log.info("Removing {}: there are more than {}", what, most);
                told = true;
            }
            atOnce = Math.min(MOST_AT_ONCE, took.compareTo(LONG) < 0 ? most * 2 : most);
            if (more && !isRested(took)) {
                break;
            }
        }
        if (told) {
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            log.info(
                    "Removed {} {} in {} s{}",
                    sum,
                    what,
                    took.toSeconds(),
                    more ? "; the next coordinator goes on" : "");
        } else if (sum > 0) {
            log.debug("Removed {} {}", sum, what);
        }
    }

    /** Pauses. Returns false if the candidacy ended in the meantime. */
    private static boolean isRested(Duration time) {
        LockSupport.parkNanos(Math.min(LONG.toNanos(), time.toNanos()));
        return !Thread.currentThread().isInterrupted();
    }
}
