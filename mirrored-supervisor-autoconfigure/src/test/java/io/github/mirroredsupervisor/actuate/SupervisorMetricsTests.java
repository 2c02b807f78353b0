package io.github.mirroredsupervisor.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.SupervisorEvent.ChildStarted;
import io.github.mirroredsupervisor.SupervisorEvent.ChildStuck;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.internal.peer.PeerStatus;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class SupervisorMetricsTests {

    private static final PeerRef SELF = new PeerRef(PeerId.random(), "label", "host", 1);

    private static final ChildRef CHILD = new ChildRef("shop", "feed", 7, SELF);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void timesAndCountsRenewals() {
        SupervisorMeters meters = new SupervisorMeters(registry);

        meters.renewed(Duration.ofMillis(3));
        meters.renewed(Duration.ofMillis(5));
        meters.renewalFailed();

        assertThat(registry.get("mirrored.supervisor.lease.renewal").timer().count())
                .isEqualTo(2);
        assertThat(renewals("success")).isEqualTo(2);
        assertThat(renewals("failure")).isEqualTo(1);
    }

    @Test
    void countsRestartsAndStuckChildrenByGroup() {
        SupervisorMeters meters = new SupervisorMeters(registry);

        meters.event(started(StartCause.RESTARTED, null));
        meters.event(new ChildStuck(Instant.EPOCH, CHILD));

        assertThat(registry.get("mirrored.supervisor.restarts")
                        .tag("group", "shop")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("mirrored.supervisor.stuck")
                        .tag("group", "shop")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void timesHowLongNobodyRanAChild() {
        SupervisorMeters meters = new SupervisorMeters(registry);

        meters.event(started(StartCause.FAILED_OVER, Duration.ofSeconds(3)));
        meters.event(started(StartCause.HANDED_OVER, Duration.ofMillis(20)));
        meters.event(started(StartCause.STARTED, Duration.ofHours(1)));

        assertThat(registry.get("mirrored.supervisor.failover.duration")
                        .tags("group", "shop", "kind", "failed_over")
                        .timer()
                        .max(TimeUnit.SECONDS))
                .isEqualTo(3);
        assertThat(registry.get("mirrored.supervisor.failover.duration").timers())
                .hasSize(2);
    }

    @Test
    void showsHeadroomAndChildrenByPhase() {
        Peer peer = mock(Peer.class);
        when(peer.status())
                .thenReturn(new PeerStatus(
                        SELF,
                        true,
                        true,
                        true,
                        Duration.ofMillis(1700),
                        Map.of("shop", new PeerStatus.GroupStatus(false, Map.of(Phase.RUNNING, 4)))));

        new SupervisorGauges(peer, List.of("shop")).bindTo(registry);

        assertThat(registry.get("mirrored.supervisor.lease.headroom").gauge().value())
                .isEqualTo(1.7);
        assertThat(children("running")).isEqualTo(4);
        assertThat(children("stuck")).isZero();
    }

    @Test
    void isThereOnlyWithARegistryAndAPeer() {
        ApplicationContextRunner runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SupervisorMetricsAutoConfiguration.class))
                .withBean(MirroredSupervisor.class, () -> mock(MirroredSupervisor.class));
        runner.run(context -> assertThat(context).doesNotHaveBean(SupervisorMeters.class));
        runner.withBean(Peer.class, () -> mock(Peer.class))
                .withClassLoader(new FilteredClassLoader(MeterRegistry.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("mirroredSupervisorMeters"));
        runner.withBean(Peer.class, () -> mock(Peer.class))
                .withBean(MeterRegistry.class, () -> registry)
                .run(context -> assertThat(context)
                        .hasSingleBean(SupervisorMeters.class)
                        .hasSingleBean(SupervisorGauges.class));
    }

    private static ChildStarted started(StartCause cause, @Nullable Duration unowned) {
        return new ChildStarted(Instant.EPOCH, CHILD, cause, unowned);
    }

    private double renewals(String outcome) {
        return registry.get("mirrored.supervisor.lease.renewals")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private double children(String phase) {
        return registry.get("mirrored.supervisor.children")
                .tags("group", "shop", "phase", phase)
                .gauge()
                .value();
    }
}
