package io.github.mirroredsupervisor.actuate;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Settings of the health contributor.
 *
 * @param outOfService What makes this instance count as out of service, which a load balancer may act on. The rest is
 *     shown only. By default not-joined and not-permitted; with a lenient start nothing.
 */
@ConfigurationProperties("mirrored-supervisor.health")
record SupervisorHealthProperties(@Nullable Set<HealthConcern> outOfService) {}
