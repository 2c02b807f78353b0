package io.github.mirroredsupervisor.sample.node;

import io.github.mirroredsupervisor.Takeover;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of one node.
 *
 * @param number its number among the nodes, from 1
 * @param of how many nodes there are; each begins with the tenants whose turn its number is
 * @param tenants how many tenants there are
 * @param poll how long a relay waits after it found its outbox empty
 * @param tick how often a relay asks whether it may still run, and tells the witness
 * @param takeover how soon a relay may run elsewhere when its node is lost
 * @param batch how many rows a relay moves at once
 * @param measured whether it lets the measurement start children
 * @param resourcePort the port of a resource that refuses stale tokens, which a relay uses with every tick; 0 for none
 * @param witnessDir where the witness file is written; null for none
 */
@ConfigurationProperties("node")
record NodeProperties(
        @DefaultValue("1") int number,
        @DefaultValue("1") int of,
        @DefaultValue("20") int tenants,
        @DefaultValue("50ms") Duration poll,
        @DefaultValue("50ms") Duration tick,
        @DefaultValue("after-lease") Takeover takeover,
        @DefaultValue("100") int batch,
        @DefaultValue("false") boolean measured,
        @DefaultValue("0") int resourcePort,
        @Nullable Path witnessDir) {}
