package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.internal.platform.Nanos;
import io.github.mirroredsupervisor.internal.supervision.ChildState.AwaitingToken;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Delayed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Down;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Quarantined;
import java.time.Duration;

/** What becomes of a child whose run has ended by itself. */
sealed interface Verdict {

    /** The state that the child is in from now on. */
    ChildState state(Moment now);

    /** Nothing more is done for it. */
    record Rest(ChildState rest) implements Verdict {
        @Override
        public ChildState state(Moment now) {
            return rest;
        }
    }

    /**
     * It is restarted as soon as it has a token.
     *
     * @param takesSiblings whether this restart is an event of its own, or part of a cycle under way
     */
    record AtOnce(Attempt attempt, boolean takesSiblings) implements Verdict {
        @Override
        public ChildState state(Moment now) {
            return new AwaitingToken(attempt);
        }
    }

    /** It is started after the delay. */
    record Later(Attempt attempt, Duration delay) implements Verdict {
        @Override
        public ChildState state(Moment now) {
            long nanos = Nanos.of(delay);
            return new Delayed(attempt, now.nanos() + nanos, now.instant().plusNanos(nanos));
        }
    }

    /** It is kept from running until somebody commands its start. */
    record Quarantine() implements Verdict {
        @Override
        public ChildState state(Moment now) {
            return new Quarantined();
        }
    }

    /** The supervisor ends. */
    record GiveUp() implements Verdict {
        @Override
        public ChildState state(Moment now) {
            return new Down();
        }
    }
}
