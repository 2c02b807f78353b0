package io.github.mirroredsupervisor.sample.launcher;

import io.github.mirroredsupervisor.sample.cluster.Cluster;
import io.github.mirroredsupervisor.sample.cluster.ClusterSpec;
import io.github.mirroredsupervisor.sample.cluster.DatabaseServer;
import io.github.mirroredsupervisor.sample.orders.OrderSettings;
import io.github.mirroredsupervisor.sample.page.PageConfiguration;
import io.github.mirroredsupervisor.sample.process.GuardianProcess;
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
     * @param mainClass the main class, which is also started for each node and for the guardian
     * @throws InvalidArgumentException if the command line cannot be used
     */
    public static void run(Class<?> mainClass, Arguments arguments) {
        LauncherOptions options = LauncherOptions.of(arguments);
        new SpringApplicationBuilder(LauncherApplication.class)
                .profiles("launcher")
                .properties("server.port=" + options.port())
                .initializers(context -> {
                    GenericApplicationContext beans = (GenericApplicationContext) context;
                    beans.registerBean(ClusterSpec.class, () -> options.cluster(mainClass));
                    beans.registerBean(OrderSettings.class, options::orders);
                })
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

    /** The web server's own files go with the rest when the launcher is killed. */
    @Bean
    static WebServerFactoryCustomizer<TomcatServletWebServerFactory> webServerFiles(GuardianProcess guardian) {
        return factory -> factory.setBaseDirectory(
                guardian.folder().root().resolve("tomcat").toFile());
    }
}
