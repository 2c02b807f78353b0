package io.github.mirroredsupervisor.sample.launcher;

import io.github.mirroredsupervisor.sample.orders.OrderSettings;
import io.github.mirroredsupervisor.sample.page.PageConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.context.support.GenericApplicationContext;

/** Starts a database, the nodes and the page, and lets orders come in until it is ended. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ClusterConfiguration.class, PageConfiguration.class})
public class LauncherApplication {

    private static final Logger log = LoggerFactory.getLogger(LauncherApplication.class);

    private final Cluster cluster;
    private final DatabaseServer database;

    LauncherApplication(Cluster cluster, DatabaseServer database) {
        this.cluster = cluster;
        this.database = database;
    }

    /**
     * Returns when all is started.
     *
     * @throws InvalidArgumentException if the command line cannot be used
     */
    public static void run(Arguments arguments) {
        LauncherOptions options = LauncherOptions.of(arguments);
        new SpringApplicationBuilder(LauncherApplication.class)
                .profiles("launcher")
                .properties("server.port=" + options.port())
                .initializers(context ->
                        ((GenericApplicationContext) context).registerBean(LauncherOptions.class, () -> options))
                .run(options.properties().toArray(String[]::new));
    }

    @EventListener
    void start(ApplicationReadyEvent ready) {
        cluster.startAll();
        if (ready.getApplicationContext() instanceof WebServerApplicationContext web && web.getWebServer() != null) {
            log.info(
                    "{} nodes are starting on {}. Watch and disturb them at http://localhost:{}/ - Ctrl-C ends everything.",
                    cluster.nodes().size(),
                    database.description(),
                    web.getWebServer().getPort());
        }
        if (!cluster.hasSignals()) {
            log.info(
                    "This system has no POSIX signals: nodes can be killed and started, not paused or stopped in order.");
        }
    }

    @Bean
    static ClusterSpec clusterSpec(LauncherOptions options) {
        return new ClusterSpec(options.nodes(), options.basePort(), options.tenants(), true, options.nodeProperties());
    }

    /** The web server's own files go with the rest when the launcher is killed. */
    @Bean
    static WebServerFactoryCustomizer<TomcatServletWebServerFactory> webServerFiles(LocalProcesses processes) {
        return factory -> factory.setBaseDirectory(processes.folder("tomcat"));
    }

    @Bean
    static OrderSettings orderSettings(LauncherOptions options) {
        return new OrderSettings(options.tenants(), options.ordersPerSecond());
    }
}
