package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An action that a {@link SupervisorCore} requests. Effects are carried out in order. */
public sealed interface Effect {

    void perform(Performer performer);

    /** Carries effects out. */
    interface Performer {

        void start(StartRun start);

        void tell(TellRun tell);

        void askProgress(AskProgress ask);

        void interrupt(InterruptRun interrupt);

        void announce(Notice notice);
    }

    /**
     * Run the child on a separate thread.
     *
     * @param previous how its last run ended; the same failure is not logged twice
     */
    record StartRun(ChildSpec spec, long token, @Nullable LastExit previous) implements Effect {
        @Override
        public void perform(Performer performer) {
            performer.start(this);
        }
    }

    /** Tell the run to end: set its flag, wake it, interrupt it. */
    record TellRun(String childId, long token, StopReason reason) implements Effect {
        @Override
        public void perform(Performer performer) {
            performer.tell(this);
        }
    }

    /** Request the time of the run's last sign of progress. */
    record AskProgress(String childId, long token) implements Effect {
        @Override
        public void perform(Performer performer) {
            performer.askProgress(this);
        }
    }

    /** The run did not end in time: interrupt it once more, and close the resources it registered for a forced stop. */
    record InterruptRun(String childId, long token) implements Effect {
        @Override
        public void perform(Performer performer) {
            performer.interrupt(this);
        }
    }

    /** A notification for the {@link SupervisionListener}, with the state of the child at that moment. */
    sealed interface Notice extends Effect {

        void tell(SupervisionListener listener);

        @Override
        default void perform(Performer performer) {
            performer.announce(this);
        }
    }

    record Started(LocalChild child, StartCause cause) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.started(child, cause);
        }
    }

    /**
     * Init threw an exception, or declined the start.
     *
     * @param repeated whether the last start ended in the same way: then there is nothing new to log
     */
    record StartFailed(LocalChild child, StartCause cause, Throwable failure, boolean repeated) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.startFailed(child, cause, failure, repeated);
        }
    }

    /**
     * The child ended by itself.
     *
     * @param repeated whether its last run ended in the same way: then there is nothing new to log
     */
    record Exited(LocalChild child, boolean repeated) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.exited(child, repeated);
        }
    }

    record TokenNeeded(LocalChild child) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.tokenNeeded(child);
        }
    }

    record RestartDelayed(LocalChild child, Duration delay) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.restartDelayed(child, delay);
        }
    }

    record Stopping(LocalChild child, StopReason reason) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.stopping(child, reason);
        }
    }

    record Stopped(LocalChild child, StopReason reason) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.stopped(child, reason);
        }
    }

    record Stuck(LocalChild child) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.stuck(child);
        }
    }

    /** The supervisor no longer waits for the child's thread. What follows a stop happens now. */
    record Abandoned(LocalChild child) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.abandoned(child);
        }
    }

    /** The child used up the restart intensity and is not restarted. */
    record Quarantined(LocalChild child, String reason) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.quarantined(child, reason);
        }
    }

    record GaveUp(String reason) implements Notice {
        @Override
        public void tell(SupervisionListener listener) {
            listener.gaveUp(reason);
        }
    }
}
