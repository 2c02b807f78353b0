package io.github.mirroredsupervisor.internal.liveness;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest.Membership;
import io.github.mirroredsupervisor.internal.store.rows.Stranger;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The identity of a peer as a member: one id when it starts, and another one after each time it was declared dead.
 * Thread-safe.
 */
public final class PeerMembership {

    private static final Logger log = LoggerFactory.getLogger(PeerMembership.class);

    private final PeerContext peer;
    private final List<GroupDefinition> definitions;
    private final AtomicBoolean underWay = new AtomicBoolean();

    private volatile boolean waits;
    private volatile long notBefore;

    /** Work thread only: the present id was a member's, and is not used again. */
    private boolean spent;

    /** Work thread only: when the present id was tried first; null before. */
    private @Nullable Long triedSince;

    public PeerMembership(PeerContext peer, List<GroupDefinition> definitions) {
        this.peer = peer;
        this.definitions = definitions;
    }

    /**
     * Writes this peer and its memberships; it is not a member before it {@linkplain #confirm confirms} that. On the
     * work thread.
     *
     * <p>Rows written by an earlier try whose answer was lost are found and used: the id stays the same as long as no
     * peer can have declared it dead.
     */
    public List<GroupRow> join(WorkSession session) {
        PeerSettings settings = peer.settings();
        Incarnation me = chooseIncarnation();
        List<GroupRow> rows = session.join(new JoinRequest(
                me.id(),
                me.ref(),
                settings.lease(),
                settings.stopBound(),
                definitions.stream()
                        .map(d -> new Membership(
                                d.settings(), Set.copyOf(d.types().keySet()), d.staticChildren(), d.origin()))
                        .toList(),
                peer.highestToken().get()));
        refuseStrangers(session, me.id());
        return rows;
    }

    /**
     * Called after the rows are written, so that of two peers that join at the same time at least one sees the other.
     */
    private void refuseStrangers(WorkSession session, PeerId me) {
        for (GroupDefinition definition : definitions) {
            String origin = definition.origin();
            String group = definition.settings().name();
            if (origin != null) {
                Optional<Stranger> stranger = session.stranger(group, me, origin);
                if (stranger.isPresent()) {
                    spent = true;
                    session.leave(me);
                    throw new ForeignApplicationException(group, origin, stranger.get());
                }
            }
        }
    }

    private Incarnation chooseIncarnation() {
        long now = peer.machine().nanoTime();
        long patience = peer.settings().lease().dividedBy(2).toNanos();
        if (spent || (triedSince != null && now - triedSince > patience)) {
            peer.state().joinsAs(Incarnation.of(peer.settings(), peer.machine().newId()));
            spent = false;
            triedSince = null;
        }
        triedSince = triedSince == null ? Long.valueOf(now) : triedSince;
        return peer.incarnation();
    }

    /** On the work thread. */
    public void confirm() {
        spent = true;
        peer.state().joined();
        Incarnation me = peer.incarnation();
        peer.later(() -> log.info(
                "Joined as peer {} ({}), member of {}",
                me.id(),
                me.ref().label(),
                definitions.stream().map(d -> d.settings().name()).toList()));
        peer.publish(new SupervisorEvent.PeerJoined(peer.now(), me.id()));
    }

    /**
     * Delays the next join until no other peer can run children any more by data that the database has lost (protocol
     * rule 11b).
     */
    void waitUntil(long stamp) {
        notBefore = stamp;
        waits = true;
    }

    /** Returns whether the caller is to join again. If so, it calls {@link #finish} afterwards. */
    boolean begin() {
        if (waits && peer.machine().nanoTime() - notBefore < 0) {
            return false;
        }
        waits = false;
        return underWay.compareAndSet(false, true);
    }

    void finish() {
        underWay.set(false);
    }
}
