package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.internal.supervision.OnIntensityExceeded;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a group, or of this peer's part in it, at its limits.
 *
 * @param autoShutdown which ends of significant children end the group; one of the group's flags
 * @param onIntensityExceeded what ends when there was one restart too many; one of the group's flags
 * @param onEmptyGroup what the first member finds of former ones
 * @param onStartFailure what a declared child that cannot be started means for this peer
 * @param onUndeclared what becomes of declared children that no live member declares any more
 * @param restartAfter how long after it used up its intensity the group is revived by itself; null for never
 */
public record GroupPolicies(
        AutoShutdown autoShutdown,
        OnIntensityExceeded onIntensityExceeded,
        OnEmptyGroup onEmptyGroup,
        OnStartFailure onStartFailure,
        OnUndeclared onUndeclared,
        @Nullable Duration restartAfter) {

    /** Policies that keep what left the code. */
    public GroupPolicies(
            AutoShutdown autoShutdown,
            OnIntensityExceeded onIntensityExceeded,
            OnEmptyGroup onEmptyGroup,
            OnStartFailure onStartFailure,
            @Nullable Duration restartAfter) {
        this(autoShutdown, onIntensityExceeded, onEmptyGroup, onStartFailure, OnUndeclared.KEEP, restartAfter);
    }

    /**
     * Nobody is significant, the intensity ends the group, rows outlive members and code, starts are retried, nothing
     * revives the dead.
     */
    public static final GroupPolicies DEFAULT = new GroupPolicies(
            AutoShutdown.NEVER, OnIntensityExceeded.TERMINATE_GROUP, OnEmptyGroup.RECLAIM, OnStartFailure.RETRY, null);

    /** OTP's {@code auto_shutdown}, across all members (semantics row A51). */
    public enum AutoShutdown {
        NEVER,
        /** When one significant child has ended by itself. */
        ANY_SIGNIFICANT,
        /** When one has, and no other runs or is about to. */
        ALL_SIGNIFICANT
    }

    /** Semantics row B7. */
    public enum OnEmptyGroup {
        /** The rows of former members are reclaimed. */
        RECLAIM,
        /** They are deleted, as in RabbitMQ. */
        RESET
    }

    /** Semantics rows A12, B9, B10. */
    public enum OnStartFailure {
        /** The start is tried again after a delay; nothing else is affected. */
        RETRY,
        /**
         * As in OTP: those that were started are stopped in reverse order, and this peer does not start. The other
         * peers do not notice.
         */
        FAIL
    }

    /** Semantics row B33. */
    public enum OnUndeclared {
        /** They stay until somebody removes them. */
        KEEP,
        /** They are removed when no live member has declared them for ten leases. */
        REMOVE
    }
}
