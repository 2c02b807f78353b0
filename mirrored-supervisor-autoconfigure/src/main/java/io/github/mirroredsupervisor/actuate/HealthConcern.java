package io.github.mirroredsupervisor.actuate;

import io.github.mirroredsupervisor.internal.peer.PeerStatus;
import io.github.mirroredsupervisor.internal.peer.PeerStatus.GroupStatus;
import java.util.function.Predicate;

/**
 * What may be wrong with a peer or its groups. All concerns are shown; the application configures which of them make
 * the instance count as out of service.
 */
enum HealthConcern {
    /** The peer is not a member: it has not joined, was stopped, or is joining again. */
    NOT_JOINED,
    /** The peer's lease was not renewed in time, so that its children do not run. */
    NOT_PERMITTED,
    /** A group was terminated, on every peer. */
    TERMINATED,
    /** A child of this peer ignores its stop. */
    STUCK,
    /** A child was quarantined: it does not run until a command restarts it. */
    QUARANTINED;

    boolean isPresent(PeerStatus status) {
        return switch (this) {
            case NOT_JOINED -> !status.running() || !status.joined();
            case NOT_PERMITTED -> !status.permitted();
            case TERMINATED -> any(status, GroupStatus::terminated);
            case STUCK -> any(status, group -> !group.stuck().isEmpty());
            case QUARANTINED -> any(status, group -> !group.quarantined().isEmpty());
        };
    }

    private static boolean any(PeerStatus status, Predicate<GroupStatus> which) {
        return status.groups().values().stream().anyMatch(which);
    }
}
