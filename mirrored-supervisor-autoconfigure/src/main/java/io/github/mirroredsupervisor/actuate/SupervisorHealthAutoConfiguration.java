package io.github.mirroredsupervisor.actuate;

import io.github.mirroredsupervisor.autoconfigure.MirroredSupervisorAutoConfiguration;
import io.github.mirroredsupervisor.mirror.Peer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
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
public final class SupervisorHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = {"supervisorHealthIndicator", "supervisorHealthContributor"})
    SupervisorHealthIndicator supervisorHealthIndicator(Peer peer) {
        return new SupervisorHealthIndicator(peer);
    }
}
