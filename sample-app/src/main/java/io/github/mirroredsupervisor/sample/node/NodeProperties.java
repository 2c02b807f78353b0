package io.github.mirroredsupervisor.sample.node;

import io.github.mirroredsupervisor.Takeover;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of one node.
 *
 * @param number its number among the nodes, from 1
 * @param of how many nodes there are; each begins with the tenants whose turn its number is
 * @param tenants how many tenants there are
 * @param takeover how soon a relay may run elsewhere when its node is lost
 * @param witnessDir where it is written what runs when, for the page; null for nowhere
 */
@ConfigurationProperties("node")
public record NodeProperties(
        @DefaultValue("1") int number,
        @DefaultValue("1") int of,
        @DefaultValue("20") int tenants,
        @DefaultValue("after-lease") Takeover takeover,
        @Nullable Path witnessDir) {}
