package io.github.mirroredsupervisor;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the last run of a child ended.
 *
 * @param kind the manner of ending
 * @param reason the given reason or the failure's text, if there was one
 * @param at when it ended, by the owner's clock; for display only
 */
public record LastExit(Kind kind, @Nullable String reason, Instant at) {

    /**
     * The exits that the restart types distinguish (semantics rows A19–A22), and the ends that the child did not cause.
     */
    public enum Kind {
        /** {@link ChildProcess#run run} returned. */
        NORMAL,
        /** {@link ChildExit#shutdown(String)}. */
        SHUTDOWN,
        /** {@link ChildExit#restart()}. */
        RESTART,
        /** {@link ChildExit#ignore()} from init: the child is not needed now. */
        IGNORED,
        /** Anything else that was thrown from {@code run}. */
        CRASH,
        /** Anything that was thrown from {@code init}. */
        START_FAILED,
        /** Ended because its peer told it to stop. */
        STOPPED
    }
}
