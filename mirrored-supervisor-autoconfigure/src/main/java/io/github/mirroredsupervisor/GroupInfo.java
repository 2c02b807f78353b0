package io.github.mirroredsupervisor;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A group as the database shows it. The children's phases do not show that a group is terminated: its children are
 * stopped, and start again when it is revived.
 *
 * @param name the group's name
 * @param state whether its children may run
 * @param reason why it is terminated; null while it is active
 * @param since when it was terminated, by the database's clock; null while it is active
 */
public record GroupInfo(
        String name,
        State state,
        @Nullable String reason,
        @Nullable Instant since) {

    /** The states of a group. */
    public enum State {
        ACTIVE,
        /** Ended on every peer, until {@link MirroredSupervisor#restartGroup()} or the configured delay revives it. */
        TERMINATED
    }
}
