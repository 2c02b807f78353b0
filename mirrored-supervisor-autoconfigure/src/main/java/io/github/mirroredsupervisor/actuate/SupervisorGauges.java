package io.github.mirroredsupervisor.actuate;

import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.internal.peer.PeerStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Collection;
import java.util.Locale;

/** Publishes the peer's own state as gauges. */
final class SupervisorGauges implements MeterBinder {

    private static final double NANOS_PER_SECOND = 1e9;

    private final Peer peer;

    private final Collection<String> groups;

    SupervisorGauges(Peer peer, Collection<String> groups) {
        this.peer = peer;
        this.groups = groups;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder(SupervisorMeters.PREFIX + "lease.headroom", peer, SupervisorGauges::headroom)
                .description("How long this peer may still run children without another renewal")
                .baseUnit("seconds")
                .register(registry);
        for (String group : groups) {
            for (Phase phase : Phase.values()) {
                Gauge.builder(SupervisorMeters.PREFIX + "children", peer, present -> children(present, group, phase))
                        .description("Children of this peer")
                        .tag("group", group)
                        .tag("phase", phase.name().toLowerCase(Locale.ROOT))
                        .register(registry);
            }
        }
    }

    private static double headroom(Peer peer) {
        return peer.status().headroom().toNanos() / NANOS_PER_SECOND;
    }

    private static double children(Peer peer, String group, Phase phase) {
        PeerStatus.GroupStatus status = peer.status().groups().get(group);
        return status == null ? 0 : status.children().getOrDefault(phase, 0);
    }
}
