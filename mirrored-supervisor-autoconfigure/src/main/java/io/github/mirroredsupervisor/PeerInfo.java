package io.github.mirroredsupervisor;

import java.time.Instant;
import java.util.List;

/**
 * One member of a group.
 *
 * @param id the incarnation, which calls take: {@code moveChild(childId, peer.id())}
 * @param label the configured name
 * @param host the machine's name
 * @param pid the process id
 * @param state alive, left or dead
 * @param cordoned whether it takes no new children
 * @param joinOrder the order of joining; the earliest live member adopts first
 * @param lastRenewedAt when it last renewed its lease, by the database's clock; for display only
 * @param types the child types it can run
 * @param children how many children it owns in this group
 */
public record PeerInfo(
        PeerId id,
        String label,
        String host,
        long pid,
        PeerState state,
        boolean cordoned,
        long joinOrder,
        Instant lastRenewedAt,
        List<String> types,
        long children) {}
