package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.Phase;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the owner writes into a child's row. It takes effect only while the row still names this owner and token.
 *
 * @param answers the revision that this report confirms as carried out; null for none
 * @param failure why carrying it out failed
 * @param desired a new desired state; null to leave it. A failed commanded restart sets the child to stopped
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

    /** This report with the answer of an earlier report that was not written yet. */
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
