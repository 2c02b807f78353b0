package io.github.mirroredsupervisor.internal.liveness;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.Groups;
import io.github.mirroredsupervisor.internal.lease.PeerObservations;
import io.github.mirroredsupervisor.internal.lease.PeerObservations.Suspect;
import io.github.mirroredsupervisor.internal.reconcile.Reconciler;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import java.time.Duration;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches the other peers and writes their death certificates (protocol rules 3, 4 and 6). Thread-safe. */
public final class FailureDetector {

    private static final Logger log = LoggerFactory.getLogger(FailureDetector.class);

    private final PeerContext peer;
    private final Groups groups;
    private final AtomicBoolean scheduled = new AtomicBoolean();

    private volatile PeerObservations observations = PeerObservations.NONE;
    private volatile long myJoinOrder;

    /** A detector that has seen no peers. */
    public FailureDetector(PeerContext peer, Groups groups) {
        this.peer = peer;
        this.groups = groups;
    }

    /**
     * Takes the peers that a renewal has read. On the renew thread.
     *
     * @return whether a peer of the last renewal is gone, or is not watched any more
     */
    boolean observed(Renewal renewal, long repliedAt, boolean late) {
        PeerObservations before = late ? PeerObservations.NONE : observations;
        Set<PeerId> gone = new HashSet<>(observations.alive());
        PeerObservations after = before.observed(renewal.peers(), renewal.server(), repliedAt);
        observations = after;
        myJoinOrder = renewal.joinOrder();
        gone.removeAll(after.alive());
        scheduleNext(repliedAt, peer.settings().renewInterval().multipliedBy(2));
        return !gone.isEmpty();
    }

    /** Restarts all timers, as this peer's own observations cannot be trusted. Any thread. */
    void startAnew() {
        observations = observations.startAnew();
    }

    /** Called with every renewal. Far expiries are left to a later renewal, which most likely moves them. */
    private void scheduleNext(long now, Duration horizon) {
        OptionalLong left = observations.nanosToNextExpiry(now);
        if (left.isPresent() && left.getAsLong() < horizon.toNanos() && scheduled.compareAndSet(false, true)) {
            peer.work().schedule(this::accuse, Duration.ofNanos(Math.max(0, left.getAsLong())));
        }
    }

    private void accuse(WorkSession session) {
        scheduled.set(false);
        long now = peer.machine().nanoTime();
        if (!peer.mayStart() || observations.isOverdue(now, peer.settings().renewInterval())) {
            startAnew(); // a sick observer accuses nobody
            return;
        }
        boolean certified = false;
        Duration again = null;
        int rank = observations.rank(myJoinOrder, now);
        for (Suspect suspect : observations.expired(now)) {
            long waited = now - suspect.expiredAt();
            Duration left = Reconciler.RANK_STEP.multipliedBy(rank).minusNanos(waited);
            if (left.isNegative() || left.isZero()) {
                certified |= certify(session, suspect);
            } else {
                again = left;
            }
        }
        if (certified) {
            groups.lookAtAll(); // they adopt the children of the dead peers
        }
        if (again != null && scheduled.compareAndSet(false, true)) {
            peer.work().schedule(this::accuse, again);
        }
    }

    /** A certificate that fails is tried again with the next renewal, and does not prevent the others. */
    private boolean certify(WorkSession session, Suspect suspect) {
        peer.state().lastSeen(suspect.id(), suspect.since());
        try {
            if (!session.certify(peer.incarnation().id(), suspect.id(), suspect.last())) {
                return false;
            }
        } catch (StoreUnavailableException e) {
            peer.later(() -> log.warn("Peer {} could not be declared dead yet: {}", suspect.id(), e.getMessage()));
            return false;
        } catch (StoreRefusedException e) {
            log.debug("The store refuses to declare peer {} dead, and has said so", suspect.id(), e);
            return false;
        }
        peer.later(() -> log.warn("Declared peer {} dead: its lease was not renewed", suspect.id()));
        peer.publish(new SupervisorEvent.PeerDeclaredDead(peer.now(), suspect.id()));
        return true;
    }
}
