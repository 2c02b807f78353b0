package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.PeerState;
import java.time.Instant;
import java.util.Set;

/** A peer's part in one group, as one query read it. {@code cordoned} is also true of a peer that is leaving. */
public record MemberRow(
        PeerId id,
        PeerRef ref,
        PeerState state,
        boolean cordoned,
        long joinOrder,
        Instant lastRenewedAt,
        Set<String> types,
        long children) {}
