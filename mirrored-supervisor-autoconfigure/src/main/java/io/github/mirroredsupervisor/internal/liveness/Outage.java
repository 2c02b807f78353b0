package io.github.mirroredsupervisor.internal.liveness;

import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.Groups;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The time in which this peer is a member and has no permission. Thread-safe. */
public final class Outage {

    private static final Logger log = LoggerFactory.getLogger(Outage.class);

    private final PeerContext peer;
    private final Groups groups;
    private final FailureDetector detector;
    private volatile long began;
    private final AtomicBoolean underWay = new AtomicBoolean();

    public Outage(PeerContext peer, Groups groups, FailureDetector detector) {
        this.peer = peer;
        this.groups = groups;
        this.detector = detector;
    }

    /** Does the same as {@link #begin}, and tells of it unless another thread has begun the same outage. */
    void expired() {
        if (!begin()) {
            return;
        }
        peer.later(() -> log.error(
                "The lease ran out before it could be renewed: children stop here until the database answers"));
        peer.publish(new SupervisorEvent.PermissionLost(
                peer.now(), peer.incarnation().id()));
    }

    boolean isUnderWay() {
        return underWay.get();
    }

    /**
     * The permission has ended: children stop, except those that continue during outages. Waits for nothing.
     *
     * @return whether no outage was under way
     */
    boolean begin() {
        peer.state().doubtTokens();
        groups.revoke(true);
        began = peer.machine().nanoTime();
        detector.startAnew();
        return underWay.compareAndSet(false, true);
    }

    /**
     * The lease is renewed.
     *
     * @return how long the outage lasted that ends now; null if there was none
     */
    @Nullable
    Duration endAt(long now) {
        if (!underWay.get()
                || !peer.incarnation().permission().valid(peer.machine().nanoTime())) {
            return null;
        }
        underWay.set(false);
        return Duration.ofNanos(now - began);
    }

    /** This peer has joined anew. */
    void forget() {
        underWay.set(false);
    }
}
