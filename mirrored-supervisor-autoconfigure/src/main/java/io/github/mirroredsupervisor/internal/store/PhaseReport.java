package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.Phase;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the owner writes into a child's row. It takes effect only while the row still names this owner and token.
 *
 * @param answers the revision that is herewith carried out, null if none
 * @param failure why carrying it out failed
 * @param desired a new desired state, null to leave it: a failed commanded restart leaves the child stopped
 */
public record PhaseReport(
        String childId,
        long token,
        Phase phase,
        int restarts,
        int restartsInWindow,
        @Nullable Instant nextRetry,
        @Nullable LastExit lastExit,
        @Nullable Long answers,
        @Nullable String failure,
        @Nullable DesiredState desired) {

    /** This report, and the answer that an earlier one carried and nobody has read yet. */
    public PhaseReport keepingAnswer(PhaseReport earlier) {
        return new PhaseReport(
                childId,
                token,
                phase,
                restarts,
                restartsInWindow,
                nextRetry,
                lastExit,
                earlier.answers(),
                failure != null ? failure : earlier.failure(),
                desired != null ? desired : earlier.desired());
    }
}
