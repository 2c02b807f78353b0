package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a group, or to this peer's part in it, in special cases.
 *
 * @param autoShutdown when the ends of significant children end the group; one of the group's flags
 * @param onIntensityExceeded what ends when the restart intensity is exceeded; one of the group's flags
 * @param onEmptyGroup what the first member does with the rows of former members
 * @param onStartFailure what this peer does when a declared child cannot be started
 * @param onUndeclared what happens to declared children that no live member declares any more
 * @param restartAfter how long after exceeding its intensity the group is revived automatically; null for never
 */
public record GroupPolicies(
        AutoShutdown autoShutdown,
        OnIntensityExceeded onIntensityExceeded,
        OnEmptyGroup onEmptyGroup,
        OnStartFailure onStartFailure,
        OnUndeclared onUndeclared,
        @Nullable Duration restartAfter) {

    /** Policies that keep children whose declaration was removed from the code. */
    public GroupPolicies(
            AutoShutdown autoShutdown,
            OnIntensityExceeded onIntensityExceeded,
            OnEmptyGroup onEmptyGroup,
            OnStartFailure onStartFailure,
            @Nullable Duration restartAfter) {
        this(autoShutdown, onIntensityExceeded, onEmptyGroup, onStartFailure, OnUndeclared.KEEP, restartAfter);
    }

    /**
     * No automatic shutdown; the intensity ends the group; rows outlive members and code; starts are retried; a
     * terminated group is not revived automatically.
     */
    public static final GroupPolicies DEFAULT = new GroupPolicies(
            AutoShutdown.NEVER, OnIntensityExceeded.TERMINATE_GROUP, OnEmptyGroup.RECLAIM, OnStartFailure.RETRY, null);

    /** OTP's {@code auto_shutdown}, across all members (semantics row A51). */
    public enum AutoShutdown {
        NEVER,
        /** When one significant child has ended by itself. */
        ANY_SIGNIFICANT,
        /** When one significant child has ended by itself, and no other one runs or is about to run. */
        ALL_SIGNIFICANT
    }

    /** Semantics row B7. */
    public enum OnEmptyGroup {
        /** The rows of former members are reclaimed. */
        RECLAIM,
        /** The rows are deleted, as in RabbitMQ. */
        RESET
    }

    /** Semantics rows A12, B9, B10. */
    public enum OnStartFailure {
        /** The start is tried again after a delay; nothing else is affected. */
        RETRY,
        /**
         * As in OTP: the started children are stopped in reverse order, and this peer does not start. The other peers
         * are not affected.
         */
        FAIL
    }

    /** Semantics row B33. */
    public enum OnUndeclared {
        /** They stay until a command removes them. */
        KEEP,
        /** They are removed when no live member has declared them for ten leases. */
        REMOVE
    }
}
