package io.github.mirroredsupervisor.internal.supervision;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can happen to a {@link SupervisorCore}: commands from the facade, reports of runs, and the passing of time. */
public sealed interface Event {

    void tell(Handler handler);

    /** Decides what follows from each. */
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

    /** A restart that waits is to wait for so long from now on; of the run with this token only. */
    record Postpone(String childId, long token, Duration delay) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.postpone(this);
        }
    }

    /**
     * The permission ended, and the runs have been told.
     *
     * @param atNanos when they were told: the stop-bound counts from there
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
     * A run was asked for its progress.
     *
     * @param atNanos when it said last that its work goes on
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
     * A run's thread is through with the application's code. The last thing it reports.
     *
     * @param told what the run itself had been told by then. A revocation tells runs before the core, so it may know
     *     more
     */
    record Ended(
            String childId, long token, Exit exit, @Nullable StopReason told) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.ended(this);
        }
    }

    /** A run has found out by itself that it may not go on, and has set its own flag. */
    record Told(String childId, long token, StopReason reason) implements Event {
        @Override
        public void tell(Handler handler) {
            handler.told(this);
        }
    }

    /** Nothing but time has passed. */
    record Tick() implements Event {
        @Override
        public void tell(Handler handler) {
            handler.tick(this);
        }
    }
}
