package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.mirror.Store;
import io.github.mirroredsupervisor.mirror.WorkSession;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.integration.leader.AbstractCandidate;
import org.springframework.integration.leader.Context;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * What the coordinator does: it removes rows that nobody needs. On a thread of its own, because the election's heart stops while
 * a candidate works on its thread. Every duty is idempotent: two coordinators at a time are harmless.
 */
final class Housekeeping extends AbstractCandidate {

    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    /** Long enough to look at what became of a peer; a crash loop must not fill the table. */
    private static final Duration PEER_RETENTION = Duration.ofHours(1);

    private final Store store;

    private final Duration historyRetention;

    private final Duration period;

    private final Runnable deleteExpiredLocks;

    /** The thread of the duties while this process is the coordinator; guarded by "this". */
    private @Nullable ScheduledExecutorService duties;

    /** Whether the last round failed; used by the duties' thread only. */
    private boolean failing;

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
        try (WorkSession work = store.openWork()) {
            int peers = work.purgePeers(PEER_RETENTION, Integer.MAX_VALUE);
            int entries = work.purgeHistory(historyRetention, Integer.MAX_VALUE);
            deleteExpiredLocks.run();
            if (peers + entries > 0) {
                log.debug("Removed {} peers that ended and {} old entries of the history", peers, entries);
            }
            failing = false;
        } catch (Throwable ex) { // or it would never be run again
            // The end of the candidacy interrupts it, which is no failure.
            if (!failing && !own.isShutdown()) {
                log.warn("Housekeeping failed and will be tried again", ex);
                failing = true;
            }
        }
    }
}
