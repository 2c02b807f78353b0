package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.supervision.Strategy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A group's row.
 *
 * @param revision rises with every change that a member has to act on; seen by each renewal
 * @param terminated whether the group is terminated on every peer, with the {@code reason}
 */
public record GroupRow(
        String name,
        boolean terminated,
        @Nullable String reason,
        Strategy strategy,
        int intensity,
        Duration period,
        long revision) {}
