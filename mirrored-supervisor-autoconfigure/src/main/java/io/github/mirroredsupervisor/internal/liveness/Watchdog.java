package io.github.mirroredsupervisor.internal.liveness;

import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.lease.Permission;
import io.github.mirroredsupervisor.internal.platform.Threads;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops every child at the end of the permission (protocol rule 1), on its own thread. It uses neither the database nor
 * locks, and acts before it logs.
 */
public final class Watchdog {

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    /** How often it looks for a new deadline when there is none to wait for. */
    private static final long IDLE_NANOS = 50_000_000;

    private final PeerContext peer;
    private final Outage outage;

    /** The last deadline that it acted on. */
    private @Nullable Long handled;

    public Watchdog(PeerContext peer, Outage outage) {
        this.peer = peer;
        this.outage = outage;
    }

    /** Acts once on each reached deadline. Returns how many nanoseconds to wait before the next step. */
    public long step() {
        try {
            return watch(peer.incarnation().permission());
        } catch (Throwable e) {
            Threads.say(() -> log.error("The watchdog met an unforeseen failure and goes on", e));
            return 0;
        }
    }

    private long watch(Permission permission) {
        Long deadline = permission.deadline();
        if (deadline == null || deadline.equals(handled)) {
            return IDLE_NANOS;
        }
        long left = deadline - peer.machine().nanoTime();
        if (left > 0) {
            return left;
        }
        outage.expired();
        handled = deadline;
        return 0;
    }
}
