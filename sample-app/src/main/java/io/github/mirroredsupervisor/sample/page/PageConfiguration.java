package io.github.mirroredsupervisor.sample.page;

import io.github.mirroredsupervisor.sample.cluster.Cluster;
import io.github.mirroredsupervisor.sample.cluster.DatabaseServer;
import io.github.mirroredsupervisor.sample.cluster.SupervisorClient;
import io.github.mirroredsupervisor.sample.orders.DeliveredTable;
import io.github.mirroredsupervisor.sample.orders.OrderProducer;
import io.github.mirroredsupervisor.sample.orders.OrderSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The page over a cluster, and the orders that keep it busy. */
@Configuration(proxyBeanMethods = false)
@Import({PageController.class, LoopbackGuard.class})
public class PageConfiguration {

    @Bean
    OrderProducer orderProducer(JdbcClient jdbc, OrderSettings settings) {
        return new OrderProducer(jdbc, settings);
    }

    @Bean
    ClusterMonitor clusterMonitor(Cluster cluster, DatabaseServer database, JdbcClient jdbc, OrderSettings settings) {
        return new ClusterMonitor(
                cluster,
                new RunsMonitor(cluster.witness()),
                new DeliveryMonitor(new DeliveredTable(jdbc, settings.tenants()), settings.tenants()),
                new PhaseMonitor(new SupervisorClient(cluster)),
                database.description(),
                settings.tenants());
    }
}
