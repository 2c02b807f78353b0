package io.github.mirroredsupervisor.autoconfigure.coordination;

import io.github.mirroredsupervisor.autoconfigure.process.MirroredSupervisorLifecycle;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.store.Store;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Takes part in the election of the coordinator while the context runs. It begins after the peer has joined and ends
 * before the peer leaves. An unreachable database neither fails the start nor delays the stop.
 */
public final class Coordinator implements SmartLifecycle {

    private final ConnectionSettings connection;

    private final Store store;

    private final Duration historyRetention;

    private final CoordinatorTiming timing;

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
        if (election == null) {
            Housekeeping housekeeping = new Housekeeping(store, historyRetention, timing.duties(), this::deleteExpired);
            election = new CoordinatorElection(connection, timing, housekeeping);
            election.open();
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
        return election != null;
    }

    @Override
    public int getPhase() {
        return MirroredSupervisorLifecycle.PHASE + 1;
    }
}
