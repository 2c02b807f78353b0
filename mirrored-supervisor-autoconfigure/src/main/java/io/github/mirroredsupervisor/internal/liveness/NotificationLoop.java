package io.github.mirroredsupervisor.internal.liveness;

import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.group.Groups;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.PeerState;
import io.github.mirroredsupervisor.internal.platform.Threads;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for hints on the listen thread, and passes them on to the groups. Without hints the same happens, but with the
 * next renewal.
 */
public final class NotificationLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NotificationLoop.class);

    private final NotificationSession session;
    private final PeerState state;
    private final Groups groups;
    private final Duration lease;

    /** Written by the listen thread only. */
    private int failures;

    public NotificationLoop(NotificationSession session, PeerState state, Groups groups, Duration lease) {
        this.session = session;
        this.state = state;
        this.groups = groups;
        this.lease = lease;
    }

    /** Waits for hints for up to a lease. Returns how many nanoseconds to pause before the next step. */
    public long step() {
        try {
            Incarnation me = state.member();
            return me == null ? lease.dividedBy(10).toNanos() : listen(me).toNanos();
        } catch (Throwable e) {
            Threads.say(() -> log.error("Listening failed in an unforeseen way and is tried again", e));
            return lease.toNanos();
        }
    }

    private Duration listen(Incarnation me) {
        try {
            session.await(me.id(), lease).forEach(this::passOn);
            if (failures > 1) {
                log.info("Listening for hints again");
            }
            failures = 0;
        } catch (StoreException e) {
            failures++;
            if (failures == 2) {
                log.warn("No hints until the database answers; changes are seen with each renewal: {}", e.getMessage());
            }
        }
        return failures > 1 ? lease.multipliedBy(Math.min(failures, 10)).dividedBy(10) : Duration.ZERO;
    }

    /** A failure with one hint must not lose the next one. */
    private void passOn(Hint hint) {
        try {
            groups.hinted(hint);
        } catch (RuntimeException e) {
            log.error("A hint could not be passed on; the next reconciliation finds what it was about", e);
        }
    }

    /** Closes the connection. Called after the last step. */
    @Override
    public void close() {
        session.close();
    }
}
