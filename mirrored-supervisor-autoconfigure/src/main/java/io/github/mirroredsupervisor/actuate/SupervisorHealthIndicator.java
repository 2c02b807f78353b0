package io.github.mirroredsupervisor.actuate;

import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.internal.peer.PeerStatus;
import io.github.mirroredsupervisor.internal.peer.PeerStatus.GroupStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Shows whether this peer can run children and what is wrong with its groups, from local state without a query. A
 * terminated group looks the same on every instance, and a child in trouble does not affect the requests to this one,
 * so by default both are shown but do not change the status. The status is out of service, never down: a restart of the
 * process fixes none of this, so the indicator must not be part of the liveness group.
 */
final class SupervisorHealthIndicator extends AbstractHealthIndicator {

    private final Peer peer;

    private final Set<HealthConcern> outOfService;

    SupervisorHealthIndicator(Peer peer, Set<HealthConcern> outOfService) {
        super("The state of the mirrored supervisor could not be read");
        this.peer = peer;
        this.outOfService = outOfService;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        PeerStatus status = peer.status();
        List<HealthConcern> concerns = Arrays.stream(HealthConcern.values())
                .filter(concern -> concern.isPresent(status))
                .toList();
        if (concerns.stream().noneMatch(outOfService::contains)) {
            builder.up();
        } else {
            builder.outOfService();
        }
        builder.withDetail("peer", status.self().id().toString())
                .withDetail("label", status.self().label())
                .withDetail("joined", status.joined())
                .withDetail("permitted", status.permitted())
                .withDetail("headroom", status.headroom())
                .withDetail("groups", groups(status))
                .withDetail(
                        "concerns",
                        concerns.stream().map(SupervisorHealthIndicator::name).toList());
        children("stuck", status, builder, GroupStatus::stuck);
        children("quarantined", status, builder, GroupStatus::quarantined);
    }

    private static String name(HealthConcern concern) {
        return concern.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Map<String, String> groups(PeerStatus status) {
        Map<String, String> groups = new TreeMap<>();
        status.groups().forEach((name, group) -> groups.put(name, group.terminated() ? "terminated" : "active"));
        return groups;
    }

    private static void children(
            String detail, PeerStatus status, Health.Builder builder, Function<GroupStatus, Set<String>> which) {
        Map<String, Set<String>> children = new TreeMap<>();
        status.groups().forEach((name, group) -> {
            if (!which.apply(group).isEmpty()) {
                children.put(name, which.apply(group));
            }
        });
        if (!children.isEmpty()) {
            builder.withDetail(detail, children);
        }
    }
}
