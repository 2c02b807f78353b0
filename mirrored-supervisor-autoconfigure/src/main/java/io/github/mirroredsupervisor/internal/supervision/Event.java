package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.Moment;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can happen to a {@link SupervisorCore}: commands from the facade, reports of runs, and the passing of time. */
public sealed interface Event {

    /** Tells the core what happened. {@link #apply} is the method to call. */
    void tell(SupervisorCore core);

    /** Returns what follows from the event, in the order of execution. */
    default List<Effect> apply(SupervisorCore core, Moment now) {
        core.begin(now);
        tell(core);
        return core.advance();
    }

    record Start(List<Launch> batch) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.start(batch);
        }
    }

    record Granted(String childId, long token) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.granted(childId, token);
        }
    }

    record Stop(String childId, StopReason reason) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.stop(childId, reason);
        }
    }

    record StopAll(StopReason reason) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.stopAll(reason);
        }
    }

    record Forget(String childId) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.forget(childId);
        }
    }

    /** Sets the remaining delay of a waiting restart, if the child still has this token. */
    record Postpone(String childId, long token, Duration delay) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.postpone(childId, token, delay);
        }
    }

    /**
     * The permission ended, and the runs have been told to end.
     *
     * @param atNanos when they were told; the stop-bound counts from this time
     */
    record Revoked(boolean sparingContinue, long atNanos) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.revoked(sparingContinue, atNanos);
        }
    }

    record Reset() implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.reset();
        }
    }

    /**
     * The progress of a run was read.
     *
     * @param atNanos the time of its last sign of progress
     */
    record Progressed(String childId, long token, long atNanos) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.progressed(childId, token, atNanos);
        }
    }

    /** A run's init has returned. */
    record InitReturned(String childId, long token) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.initReturned(childId, token);
        }
    }

    /**
     * A run's thread has left the application's code. This is its last report.
     *
     * @param told the stop reason that the run had received by then. A revocation reaches runs before the core, so the
     *     run may know a reason that the core does not know yet
     */
    record Ended(
            String childId, long token, Exit exit, @Nullable StopReason told) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.ended(childId, token, exit, told);
        }
    }

    /** A run has detected that it may not continue, and has set its own stop flag. */
    record Told(String childId, long token, StopReason reason) implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.told(childId, token, reason);
        }
    }

    /** Time has passed, and nothing else happened. */
    record Tick() implements Event {
        @Override
        public void tell(SupervisorCore core) {
            core.passTime();
        }
    }
}
