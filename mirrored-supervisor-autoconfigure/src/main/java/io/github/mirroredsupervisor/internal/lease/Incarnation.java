package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import java.util.concurrent.CompletableFuture;

/**
 * One membership of this process, from a join to being declared dead or leaving. A new one has a new id (protocol rule
 * 2).
 *
 * @param contradicted completes when the database contradicts an earlier answer, with a description for people
 *     (protocol rule 11b); this incarnation then ends
 */
public record Incarnation(PeerId id, PeerRef ref, Permission permission, CompletableFuture<String> contradicted) {

    /** An incarnation that is not contradicted. */
    public Incarnation(PeerId id, PeerRef ref, Permission permission) {
        this(id, ref, permission, new CompletableFuture<>());
    }

    public static Incarnation of(PeerSettings settings, PeerId id) {
        return new Incarnation(
                id,
                new PeerRef(id, settings.label(), settings.host(), settings.pid()),
                new Permission(settings.lease(), settings.stopBound()));
    }
}
