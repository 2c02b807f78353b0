package io.github.mirroredsupervisor.actuate;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Settings of the health contributor.
 *
 * @param outOfService Concerns that make this instance count as out of service. The other concerns are only shown. By
 *     default not-joined and not-permitted; with a lenient start none.
 */
@ConfigurationProperties("mirrored-supervisor.health")
record SupervisorHealthProperties(@Nullable Set<HealthConcern> outOfService) {}
