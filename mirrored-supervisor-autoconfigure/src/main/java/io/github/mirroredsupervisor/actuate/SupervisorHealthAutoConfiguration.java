package io.github.mirroredsupervisor.actuate;

import io.github.mirroredsupervisor.autoconfigure.MirroredSupervisorAutoConfiguration;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.peer.Peer;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** {@link EnableAutoConfiguration Auto-configuration} of the health contributor {@code supervisor}. */
@AutoConfiguration(
        after = MirroredSupervisorAutoConfiguration.class,
        beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnEnabledHealthIndicator("supervisor")
@ConditionalOnBean(Peer.class)
@EnableConfigurationProperties(SupervisorHealthProperties.class)
public final class SupervisorHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = {"supervisorHealthIndicator", "supervisorHealthContributor"})
    @Nullable
    SupervisorHealthIndicator supervisorHealthIndicator(
            ObjectProvider<Peer> peers, SupervisorHealthProperties properties, ObjectProvider<PeerSettings> settings) {
        Peer peer = peers.getIfAvailable();
        if (peer == null) {
            return null;
        }
        Set<HealthConcern> outOfService = properties.outOfService();
        return new SupervisorHealthIndicator(
                peer, outOfService == null ? byDefault(settings.getIfAvailable()) : outOfService);
    }

    /** An application that may start without its peer (a lenient start) can also serve requests without it. */
    private static Set<HealthConcern> byDefault(@Nullable PeerSettings settings) {
        return settings != null && settings.startup() == Startup.LENIENT
                ? Set.of()
                : Set.of(HealthConcern.NOT_JOINED, HealthConcern.NOT_PERMITTED);
    }
}
