package io.github.mirroredsupervisor.sample.launcher;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * A database and a cluster on it; needs a {@link ClusterSpec}. Spring closes these beans in the reverse of their order.
 */
@Configuration(proxyBeanMethods = false)
@Import(LocalProcesses.class)
public class ClusterConfiguration {

    @Bean
    DatabaseServer database(LocalProcesses processes, DataSourceProperties settings) {
        if (settings.getUrl() == null) {
            return processes.embeddedDatabase();
        }
        return new ExternalDatabase(
                settings.getUrl(), orEmpty(settings.determineUsername()), orEmpty(settings.determinePassword()));
    }

    private static String orEmpty(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text;
    }

    @Bean
    Cluster cluster(
            LocalProcesses processes,
            DatabaseServer database,
            ClusterSpec spec,
            ObjectProvider<NodeCustomizer> customizer) {
        return processes.cluster(spec, database, customizer.getIfAvailable(() -> new NodeCustomizer() {}));
    }
}
