package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;

/**
 * One membership of this process, from a join to being declared dead or leaving. A new one has a new id (protocol rule
 * 2).
 */
public record Incarnation(PeerId id, PeerRef ref, Permission permission) {

    public static Incarnation of(PeerSettings settings, PeerId id) {
        return new Incarnation(
                id,
                new PeerRef(id, settings.label(), settings.host(), settings.pid()),
                new Permission(settings.lease(), settings.stopBound()));
    }
}
