package io.github.mirroredsupervisor.sample.node;

import io.github.mirroredsupervisor.sample.witness.FencedResourceClient;
import io.github.mirroredsupervisor.sample.witness.WitnessWriter;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** A node: what an application with the starter looks like. It can be started alone, against any database. */
@SpringBootApplication
@EnableConfigurationProperties(NodeProperties.class)
public class NodeApplication {

    public static void run(String... args) {
        if (Boolean.parseBoolean(argument(args, "--node.ends-with-parent="))) {
            ParentWatch.start();
        }
        new SpringApplicationBuilder(NodeApplication.class).profiles("node").run(args);
    }

    private static String argument(String[] args, String prefix) {
        for (String arg : args) {
            if (arg.startsWith(prefix)) {
                return arg.substring(prefix.length());
            }
        }
        return "";
    }

    @Bean
    FencedResourceClient resource(NodeProperties node) {
        return new FencedResourceClient(node.resourcePort());
    }

    @Bean
    WitnessWriter witness(NodeProperties node, @Value("${mirrored-supervisor.label:node}") String label) {
        return new WitnessWriter(label, node.witnessDir());
    }
}
