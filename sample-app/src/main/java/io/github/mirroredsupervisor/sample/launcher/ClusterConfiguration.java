package io.github.mirroredsupervisor.sample.launcher;

import io.github.mirroredsupervisor.sample.cluster.Cluster;
import io.github.mirroredsupervisor.sample.cluster.ClusterSpec;
import io.github.mirroredsupervisor.sample.cluster.DatabaseServer;
import io.github.mirroredsupervisor.sample.cluster.EmbeddedDatabase;
import io.github.mirroredsupervisor.sample.cluster.ExternalDatabase;
import io.github.mirroredsupervisor.sample.cluster.NodeCustomizer;
import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A database and a cluster on it; needs a {@link ClusterSpec}. Spring closes these beans in the reverse of their order.
 */
@Configuration(proxyBeanMethods = false)
class ClusterConfiguration {

    @Bean
    GuardianProcess guardian(ClusterSpec spec) {
        return GuardianProcess.start(spec.mainClass());
    }

    @Bean
    DatabaseServer database(GuardianProcess guardian, DataSourceProperties settings) {
        if (settings.getUrl() == null) {
            return new EmbeddedDatabase(guardian);
        }
        return new ExternalDatabase(
                settings.getUrl(), orEmpty(settings.determineUsername()), orEmpty(settings.determinePassword()));
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    @Bean
    Cluster cluster(ClusterSpec spec, DatabaseServer database, GuardianProcess guardian) {
        return new Cluster(spec, database, new NodeCustomizer() {}, guardian);
    }
}
