package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A group's row.
 *
 * @param flags the configuration of its first member
 * @param death why and since when it is terminated on every peer; null while it is not
 * @param revision increases with every change that a member has to act on; each renewal reads it
 */
public record GroupRow(String name, Flags flags, @Nullable Death death, long revision) {

    /** The flags that all members share (semantics row B11). */
    public record Flags(
            Strategy strategy,
            int intensity,
            Duration period,
            AutoShutdown autoShutdown,
            OnIntensityExceeded onIntensityExceeded) {

        /** The flags from a member's own settings. */
        public static Flags of(GroupSettings settings) {
            return new Flags(
                    settings.strategy(),
                    settings.intensity(),
                    settings.period(),
                    settings.policies().autoShutdown(),
                    settings.policies().onIntensityExceeded());
        }
    }

    /**
     * Why and when the group was terminated.
     *
     * @param cause what ended it
     * @param reason text for display
     * @param at when, on the database's clock; compared for equality only, to distinguish deaths
     */
    public record Death(Cause cause, String reason, Instant at) {}

    /** What can end a group. */
    public enum Cause {
        /** One restart too many on one of its peers. */
        INTENSITY_EXCEEDED,
        /** Its significant children have ended. */
        AUTO_SHUTDOWN
    }
}
