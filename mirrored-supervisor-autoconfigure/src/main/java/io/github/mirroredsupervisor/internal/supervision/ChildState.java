package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.supervision.LocalChild.Status;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What one child is doing, with exactly what that state has to remember. */
public sealed interface ChildState {

    Status status();

    /** Whether a thread of the child may exist that others have to wait for. */
    default boolean hasThread() {
        return false;
    }

    /** When, in monotonic nanoseconds, the state ends by itself; null if it does not. */
    default @Nullable Long deadline() {
        return null;
    }

    /** When people can expect the next start. */
    default @Nullable Instant nextRetry() {
        return null;
    }

    /** It has its token and waits for its turn in a {@link StartSequence}. */
    record Queued(Attempt attempt, StartCause cause) implements ChildState {
        @Override
        public Status status() {
            return Status.STARTING;
        }
    }

    /** Its init has not returned. */
    record Starting(Attempt attempt, StartCause cause) implements ChildState {
        @Override
        public Status status() {
            return Status.STARTING;
        }

        @Override
        public boolean hasThread() {
            return true;
        }
    }

    /**
     * Its init has returned.
     *
     * @param deadline when it is to be asked for its progress; null for never
     */
    record Running(@Nullable Long deadline) implements ChildState {
        @Override
        public Status status() {
            return Status.RUNNING;
        }

        @Override
        public boolean hasThread() {
            return true;
        }
    }

    /**
     * It was told to end, and its thread has not.
     *
     * @param reason the last reason given
     * @param deadline when it counts as stuck, or when a stuck one is abandoned; null for never
     * @param stuck whether its time to end has passed
     * @param next what to launch when the thread has ended
     */
    record Stopping(
            StopReason reason,
            @Nullable Long deadline,
            boolean stuck,
            @Nullable Launch next) implements ChildState {
        @Override
        public Status status() {
            return stuck ? Status.STUCK : Status.STOPPING;
        }

        Stopping then(Launch launch) {
            return new Stopping(reason, deadline, stuck, launch);
        }

        @Override
        public boolean hasThread() {
            return true;
        }
    }

    /** It is to be started as soon as a new token is granted. */
    record AwaitingToken(Attempt attempt) implements ChildState {
        @Override
        public Status status() {
            return Status.AWAITING_TOKEN;
        }
    }

    /** It is to be started after a delay. */
    record Delayed(Attempt attempt, Long deadline, Instant nextRetry) implements ChildState {
        @Override
        public Status status() {
            return Status.DELAYED;
        }
    }

    /**
     * It was told to end, has been stuck for so long that it is no longer waited for, and its thread still lives.
     * Whatever follows a stop may follow.
     *
     * @param reason why it was told
     */
    record Abandoned(StopReason reason) implements ChildState {
        @Override
        public Status status() {
            return Status.ABANDONED;
        }
    }

    /** It used up the restart intensity, and nothing but a command starts it again. */
    record Quarantined() implements ChildState {
        @Override
        public Status status() {
            return Status.QUARANTINED;
        }
    }

    record Down() implements ChildState {
        @Override
        public Status status() {
            return Status.DOWN;
        }
    }

    record Completed() implements ChildState {
        @Override
        public Status status() {
            return Status.COMPLETED;
        }
    }
}
