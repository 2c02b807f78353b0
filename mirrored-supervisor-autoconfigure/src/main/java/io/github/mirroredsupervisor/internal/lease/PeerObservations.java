package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.PeerBeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Protocol rule 3: this peer's observations of the other peers' renewal counters, timed on its own clock. Immutable and
 * pure.
 *
 * <p>A counter is timed from the reply to the first read that showed it. All timers restart after a failed or late
 * read, after the expiry of this peer's own permission, and when another server answers. So a sick observer accuses no
 * peer, and no peer is declared dead because of a database outage.
 */
public final class PeerObservations {

    /** How much faster this peer's clock may run than the victim's, as the promise P1 assumes. */
    static final double DRIFT_ALLOWANCE = 1.01;

    public static final PeerObservations NONE = new PeerObservations(Map.of(), null, 0);

    private final Map<PeerId, Sighting> sightings;
    private final @Nullable String server;
    private final long readAt;

    private PeerObservations(Map<PeerId, Sighting> sightings, @Nullable String server, long readAt) {
        this.sightings = sightings;
        this.server = server;
        this.readAt = readAt;
    }

    /**
     * Adds the result of one successful read.
     *
     * @param peers the watched peers that were ALIVE in this read
     * @param repliedAt the time after the reply
     */
    public PeerObservations observed(Collection<PeerBeat> peers, String answeredBy, long repliedAt) {
        boolean sameServer = answeredBy.equals(server);
        Map<PeerId, Sighting> next = new HashMap<>();
        for (PeerBeat beat : peers) {
            Sighting before = sameServer ? sightings.get(beat.id()) : null;
            long since = before != null && before.beat().last().equals(beat.last()) ? before.since() : repliedAt;
            next.put(beat.id(), new Sighting(beat, since));
        }
        return new PeerObservations(Map.copyOf(next), answeredBy, repliedAt);
    }

    /** How long, by this peer's clock, another peer may run children after it has sent its last renewal. */
    public static Duration patience(Duration lease) {
        return Duration.ofNanos((long) (lease.toNanos() * DRIFT_ALLOWANCE));
    }

    /** Restarts all timers. */
    public PeerObservations startAnew() {
        return NONE;
    }

    /**
     * Whether the next read should have succeeded or failed by now. If so, an outage may have begun that the reading
     * thread has not reported yet.
     *
     * @param interval the time between two reads, and also the time limit of a read
     */
    public boolean isOverdue(long now, Duration interval) {
        return this != NONE && now - readAt > interval.toNanos() * 2;
    }

    /**
     * The peers that showed no new renewal for {@link #DRIFT_ALLOWANCE} times their own lease, in the order of joining.
     */
    public List<Suspect> expired(long now) {
        List<Suspect> suspects = new ArrayList<>();
        for (Sighting sighting : sightings.values()) {
            if (now - sighting.expiresAt() >= 0) {
                PeerBeat beat = sighting.beat();
                suspects.add(
                        new Suspect(beat.id(), beat.last(), beat.joinOrder(), sighting.since(), sighting.expiresAt()));
            }
        }
        suspects.sort(Comparator.comparingLong(Suspect::joinOrder));
        return suspects;
    }

    /** How many nanoseconds until the next peer expires if it does not renew; zero or less if one has. */
    public OptionalLong nanosToNextExpiry(long now) {
        return sightings.values().stream().mapToLong(s -> s.expiresAt() - now).min();
    }

    /**
     * Protocol rule 6: how many of the live peers that this one watches joined before it and should act first. Only a
     * hint for the order, never a rule of safety.
     *
     * @param myJoinOrder this peer's own join order
     */
    public int rank(long myJoinOrder, long now) {
        return (int) sightings.values().stream()
                .filter(s -> now - s.expiresAt() < 0 && s.beat().joinOrder() < myJoinOrder)
                .count();
    }

    /** The ids of the watched peers that were ALIVE in the last read. */
    public Collection<PeerId> alive() {
        return sightings.keySet();
    }

    private record Sighting(PeerBeat beat, long since) {
        long expiresAt() {
            return since + patience(beat.lease()).toNanos();
        }
    }

    /**
     * A peer whose lease has certainly ended, unless it was renewed since.
     *
     * @param last the renewal that was timed; the certificate compares it
     * @param since when that renewal was first seen
     * @param expiredAt when it expired
     */
    public record Suspect(PeerId id, Heartbeat last, long joinOrder, long since, long expiredAt) {}
}
