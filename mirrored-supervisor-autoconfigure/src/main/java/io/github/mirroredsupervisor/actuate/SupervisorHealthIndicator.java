package io.github.mirroredsupervisor.actuate;

import io.github.mirroredsupervisor.mirror.Peer;
import io.github.mirroredsupervisor.mirror.PeerStatus;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Whether this peer can do its part, from what it knows without a query. Out of service, never down: nothing of it is mended by
 * restarting the process, so it must not be part of the liveness group.
 */
final class SupervisorHealthIndicator extends AbstractHealthIndicator {

    private final Peer peer;

    SupervisorHealthIndicator(Peer peer) {
        super("The state of the mirrored supervisor could not be read");
        this.peer = peer;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        PeerStatus status = peer.status();
        boolean terminated = status.groups().values().stream().anyMatch(PeerStatus.GroupStatus::terminated);
        if (status.running() && status.joined() && status.permitted() && !terminated) {
            builder.up();
        } else {
            builder.outOfService();
        }
        builder.withDetail("peer", status.self().id())
                .withDetail("label", status.self().label())
                .withDetail("joined", status.joined())
                .withDetail("permitted", status.permitted())
                .withDetail("headroom", status.headroom())
                .withDetail("groups", groups(status));
    }

    private static Map<String, String> groups(PeerStatus status) {
        Map<String, String> groups = new TreeMap<>();
        status.groups().forEach((name, group) -> groups.put(name, group.terminated() ? "terminated" : "active"));
        return groups;
    }
}
