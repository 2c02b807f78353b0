package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.platform.Nanos;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.Launch.Attempt;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.Moment;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What one child is doing, with the data of that state. */
public sealed interface ChildState {

    Status status();

    /** Whether the child may have a thread that other children have to wait for. */
    default boolean hasThread() {
        return false;
    }

    /** When, in monotonic nanoseconds, the state ends by itself; null if it does not. */
    default @Nullable Long deadline() {
        return null;
    }

    /** Why the child was told to end; null if it was not. */
    default @Nullable StopReason stopReason() {
        return null;
    }

    /** When the next start is due, for display. */
    default @Nullable Instant nextRetry() {
        return null;
    }

    /** The child has its token and waits for its turn in a {@link Starts.Sequence}. */
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
     * @param deadline when its progress is checked; null for never
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
     * The child was told to end, and its thread has not ended.
     *
     * @param reason the last reason given
     * @param deadline when it counts as stuck, or when a stuck one is abandoned; null for never
     * @param stuck whether the time limit for its end has passed
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

        @Override
        public StopReason stopReason() {
            return reason;
        }

        Stopping then(Launch launch) {
            return new Stopping(reason, deadline, stuck, launch);
        }

        @Override
        public boolean hasThread() {
            return true;
        }
    }

    /** The child starts as soon as a new token is granted. */
    record AwaitingToken(Attempt attempt) implements ChildState {
        @Override
        public Status status() {
            return Status.AWAITING_TOKEN;
        }
    }

    /** The child starts after a delay. */
    record Delayed(Attempt attempt, Duration delay, Moment since) implements ChildState {
        @Override
        public Status status() {
            return Status.DELAYED;
        }

        @Override
        public Long deadline() {
            return since.nanos() + Nanos.of(delay);
        }

        @Override
        public Instant nextRetry() {
            return since.instant().plusNanos(Nanos.of(delay));
        }
    }

    /**
     * The child was told to end and was stuck for so long that the supervisor no longer waits for it. Its thread still
     * lives. What follows a stop may now happen.
     *
     * @param reason why it was told to end
     */
    record Abandoned(StopReason reason) implements ChildState {
        @Override
        public Status status() {
            return Status.ABANDONED;
        }

        @Override
        public StopReason stopReason() {
            return reason;
        }
    }

    /** The child used up the restart intensity. Only a command starts it again. */
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
