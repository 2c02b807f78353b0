package io.github.mirroredsupervisor.internal.supervision;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can happen to a {@link SupervisorCore}: commands from the facade, reports of runs, and the passing of time. */
public sealed interface Event {

    void tell(Handler handler);

    /** Decides what follows from each event. */
    interface Handler {

        void start(Start start);

        void granted(Granted granted);

        void refused(Refused refused);

        void stop(Stop stop);

        void stopAll(StopAll all);

        void forget(Forget forget);

        void postpone(Postpone postpone);

        void revoked(Revoked revoked);

        void reset(Reset reset);

        void progressed(Progressed progressed);

        void initReturned(InitReturned initReturned);

        void ended(Ended ended);

        void told(Told told);

        void tick(Tick tick);
    }

    record Start(List<Launch> batch) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.start(this);
        }
    }

    record Granted(String childId, long token) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.granted(this);
        }
    }

    record Refused(String childId) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.refused(this);
        }
    }

    record Stop(String childId, StopReason reason) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.stop(this);
        }
    }

    record StopAll(StopReason reason) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.stopAll(this);
        }
    }

    record Forget(String childId) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.forget(this);
        }
    }

    /** Sets the remaining delay of a waiting restart, if the child still has this token. */
    record Postpone(String childId, long token, Duration delay) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.postpone(this);
        }
    }

    /**
     * The permission ended, and the runs have been told to end.
     *
     * @param atNanos when they were told; the stop-bound counts from this time
     */
    record Revoked(boolean sparingContinue, long atNanos) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.revoked(this);
        }
    }

    record Reset() implements Event {
        @Override
        public void tell(Handler handler) {
            handler.reset(this);
        }
    }

    /**
     * The progress of a run was read.
     *
     * @param atNanos the time of its last sign of progress
     */
    record Progressed(String childId, long token, long atNanos) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.progressed(this);
        }
    }

    /** A run's init has returned. */
    record InitReturned(String childId, long token) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.initReturned(this);
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
        public void tell(Handler handler) {
            handler.ended(this);
        }
    }

    /** A run has detected that it may not continue, and has set its own stop flag. */
    record Told(String childId, long token, StopReason reason) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.told(this);
        }
    }

    /** Time has passed, and nothing else happened. */
    record Tick() implements Event {
        @Override
        public void tell(Handler handler) {
            handler.tick(this);
        }
    }
}
