package io.github.mirroredsupervisor.sample.measure.node;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of a node that is measured.
 *
 * @param poll how long a relay waits after it found its outbox empty
 * @param tick how often a relay checks whether it may still run, and writes a witness line
 * @param batch how many rows a relay moves at once
 * @param measured whether it lets the measurement start children
 * @param plainSession whether it holds a lock in a session that does nothing else
 * @param resourcePort the port of a resource that refuses stale tokens, which a relay uses with every tick; 0 for none
 */
@ConfigurationProperties("lab")
record LabProperties(
        @DefaultValue("50ms") Duration poll,
        @DefaultValue("50ms") Duration tick,
        @DefaultValue("100") int batch,
        @DefaultValue("false") boolean measured,
        @DefaultValue("false") boolean plainSession,
        @DefaultValue("0") int resourcePort) {}
