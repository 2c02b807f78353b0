package io.github.mirroredsupervisor.autoconfigure.coordination;

import io.github.mirroredsupervisor.autoconfigure.process.MirroredSupervisorLifecycle;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.store.Store;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Takes part in the election of the coordinator while the context runs. It begins a pause after the peer has joined, so
 * that its classes and connections do not slow the start of the application down, and ends before the peer leaves. An
 * unreachable database neither fails the start nor delays the stop.
 */
public final class Coordinator implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Coordinator.class);

    private final ConnectionSettings connection;

    private final Store store;

    private final Duration historyRetention;

    private final CoordinatorTiming timing;

    /** Begins the candidacy; null while the context does not run; guarded by "this". */
    private @Nullable ScheduledExecutorService beginning;

    /** The present candidacy; guarded by "this". */
    private @Nullable CoordinatorElection election;

    public Coordinator(
            ConnectionSettings connection, Store store, Duration historyRetention, CoordinatorTiming timing) {
        this.connection = connection;
        this.store = store;
        this.historyRetention = historyRetention;
        this.timing = timing;
    }

    @Override
    public synchronized void start() {
        if (beginning == null) {
            CustomizableThreadFactory threads = new CustomizableThreadFactory("mirrored-supervisor-candidacy-");
            threads.setDaemon(true);
            ScheduledExecutorService own = Executors.newSingleThreadScheduledExecutor(threads);
            beginning = own;
            var unused = own.schedule(() -> begin(own), timing.retry().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void begin(ScheduledExecutorService own) {
        if (beginning == own && election == null) {
            Housekeeping housekeeping = new Housekeeping(store, historyRetention, timing.duties(), this::deleteExpired);
            CoordinatorElection candidacy = new CoordinatorElection(connection, timing, housekeeping);
            election = candidacy;
            own.shutdown();
            try {
                candidacy.open();
            } catch (RuntimeException unexpected) {
                log.error("This instance cannot be a candidate for the coordinator until it is restarted", unexpected);
            }
        }
    }

    private void deleteExpired() {
        CoordinatorElection present;
        synchronized (this) {
            present = election;
        }
        if (present != null) {
            present.deleteExpired();
        }
    }

    private synchronized @Nullable CoordinatorElection withdraw() {
        ScheduledExecutorService begun = beginning;
        beginning = null;
        if (begun != null) {
            begun.shutdownNow();
        }
        CoordinatorElection present = election;
        election = null;
        return present;
    }

    @Override
    public void stop() {
        CoordinatorElection present = withdraw();
        if (present != null) {
            present.close();
        }
    }

    @Override
    public void stop(Runnable callback) {
        Thread thread = new Thread(
                () -> {
                    try {
                        stop();
                    } finally {
                        callback.run();
                    }
                },
                "mirrored-supervisor-coordinator-stop");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public synchronized boolean isRunning() {
        return beginning != null;
    }

    @Override
    public int getPhase() {
        return MirroredSupervisorLifecycle.PHASE + 1;
    }
}
