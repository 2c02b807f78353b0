package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.internal.platform.Nanos;
import io.github.mirroredsupervisor.internal.supervision.ChildState.AwaitingToken;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Delayed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Down;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Quarantined;
import java.time.Duration;

/** What happens to a child whose run has ended by itself. */
sealed interface Verdict {

    /** The state that the child is in from now on. */
    ChildState state(Moment now);

    /** The child is not restarted. */
    record Rest(ChildState rest) implements Verdict {
        @Override
        public ChildState state(Moment now) {
            return rest;
        }
    }

    /**
     * The child restarts as soon as it has a token.
     *
     * @param takesSiblings whether this restart begins or extends a cycle; false if it is already part of one
     */
    record AtOnce(Attempt attempt, boolean takesSiblings) implements Verdict {
        @Override
        public ChildState state(Moment now) {
            return new AwaitingToken(attempt);
        }
    }

    /** The child starts after the delay. */
    record Later(Attempt attempt, Duration delay) implements Verdict {
        @Override
        public ChildState state(Moment now) {
            long nanos = Nanos.of(delay);
            return new Delayed(attempt, now.nanos() + nanos, now.instant().plusNanos(nanos));
        }
    }

    /** The child is not restarted until a command starts it. */
    record Quarantine() implements Verdict {
        @Override
        public ChildState state(Moment now) {
            return new Quarantined();
        }
    }

    /** The supervisor stops all children, and starts none until reset. */
    record GiveUp() implements Verdict {
        @Override
        public ChildState state(Moment now) {
            return new Down();
        }
    }
}
