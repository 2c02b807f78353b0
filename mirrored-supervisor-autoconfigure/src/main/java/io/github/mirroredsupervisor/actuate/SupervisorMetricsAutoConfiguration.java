package io.github.mirroredsupervisor.actuate;

import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.autoconfigure.MirroredSupervisorAutoConfiguration;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** {@link EnableAutoConfiguration Auto-configuration} of the meters {@code mirrored.supervisor.*}. */
@AutoConfiguration(
        after = MirroredSupervisorAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, Peer.class})
public final class SupervisorMetricsAutoConfiguration {

    @Bean
    SupervisorMeters mirroredSupervisorMeters(MeterRegistry registry) {
        return new SupervisorMeters(registry);
    }

    @Bean
    @Nullable
    SupervisorGauges mirroredSupervisorGauges(
            ObjectProvider<Peer> peers, ObjectProvider<MirroredSupervisor> supervisors) {
        Peer peer = peers.getIfAvailable();
        if (peer == null) {
            return null;
        }
        return new SupervisorGauges(
                peer, supervisors.stream().map(MirroredSupervisor::group).toList());
    }
}
