package io.github.mirroredsupervisor.sample.measure.node;

import io.github.mirroredsupervisor.sample.measure.FencedResourceClient;
import io.github.mirroredsupervisor.sample.node.NodeApplication;
import io.github.mirroredsupervisor.sample.node.NodeProperties;
import io.github.mirroredsupervisor.sample.witness.WitnessWriter;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.FilterType;

/**
 * The sample's node with children that can be measured: its relay writes all it does to the witness, and other children
 * do nothing, halt the process, or are in the middle of transactions.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@ComponentScan(
        basePackageClasses = {NodeApplication.class, LabNode.class},
        excludeFilters =
                @Filter(type = FilterType.REGEX, pattern = ".*\\.(NodeApplication|TenantRelay|RunRecorder)(\\$.*)?"))
@EnableConfigurationProperties({NodeProperties.class, LabProperties.class})
public class LabNode {

    public static void run(String... args) {
        NodeApplication.run(LabNode.class, args);
    }

    @Bean
    FencedResourceClient resource(LabProperties lab) {
        return new FencedResourceClient(lab.resourcePort());
    }

    @Bean
    WitnessWriter witness(NodeProperties node, @Value("${mirrored-supervisor.label:node}") String label) {
        return new WitnessWriter(label, node.witnessDir());
    }
}
