package io.github.mirroredsupervisor.sample.node;

import java.util.Arrays;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** A node: what an application with the starter looks like. It can be started alone, against any database. */
@SpringBootApplication
@EnableConfigurationProperties(NodeProperties.class)
public class NodeApplication {

    public static void run(String... args) {
        run(NodeApplication.class, args);
    }

    /** Starts an application as a node of a launcher. */
    public static void run(Class<?> application, String... args) {
        if (Arrays.asList(args).contains("--node.ends-with-parent=true")) {
            ParentWatch.start();
        }
        new SpringApplicationBuilder(application).profiles("node").run(args);
    }
}
