package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What follows from an {@link Event}, in order: what to do with runs, and what to tell of children. An effect is data,
 * so that this room does not know who carries it out.
 */
public sealed interface Effect {

    /** The child, as it was when the effect was decided. */
    LocalChild child();

    /**
     * Something to do with a run of the child.
     *
     * @param reason why the run is to end; null if it is not told to
     */
    record Order(Act act, LocalChild child, @Nullable StopReason reason) implements Effect {

        public enum Act {
            /** Run the child on a separate thread. */
            START,
            /** Tell the run to end: set its flag, wake it, interrupt it. */
            TELL,
            /** Request the time of the run's last sign of progress. */
            ASK_PROGRESS,
            /**
             * The run did not end in time: interrupt it once more, and close the resources it registered for a forced
             * stop.
             */
            INTERRUPT
        }

        Order(Act act, LocalChild child) {
            this(act, child, null);
        }
    }

    /**
     * A transition of the child. {@link Kind} says which details each kind has.
     *
     * @param repeated whether the last run or start ended in the same way: then there is nothing new to log
     */
    record Notice(
            Kind kind,
            LocalChild child,
            @Nullable StartCause cause,
            @Nullable StopReason reason,
            @Nullable Throwable failure,
            boolean repeated,
            @Nullable Duration delay,
            @Nullable String text)
            implements Effect {

        public enum Kind {
            /** Init returned: the start is acknowledged. Has a cause. */
            STARTED,
            /**
             * Init threw an exception, or declined (then the child's last exit is IGNORED). A commanded start is over:
             * the child is DOWN, COMPLETED (ignored) or forgotten (ignored and temporary). Any other start is retried
             * by the rules of restarts and delays, as the child's status shows; a temporary child is forgotten. Has a
             * cause and a failure, and may be repeated.
             */
            START_FAILED,
            /**
             * The child ended by itself. Its status shows what follows: a restart, COMPLETED, or DOWN for a temporary
             * child, which is forgotten. May be repeated.
             */
            EXITED,
            /** The child needs a new token to restart in place: answer with granted or forget. */
            TOKEN_NEEDED,
            /** The restart waits. Has a delay. */
            RESTART_DELAYED,
            /** The child was told to stop. Has a reason. */
            STOPPING,
            /**
             * The child's thread has ended after the child was told to stop. A child that was only waiting for a
             * restart is reported in the same way. So is an abandoned child: it is reported again if its thread ends
             * later and the child was not launched again. The reason is the last one given.
             */
            STOPPED,
            /** The child did not end within its time limit. STOPPED follows if it ends later or is abandoned. */
            STUCK,
            /**
             * The supervisor no longer waits for the stuck child's thread. STOPPED follows, although the thread may
             * live.
             */
            ABANDONED,
            /** The child used up the restart intensity and is not restarted. Its siblings go on. Has a text. */
            QUARANTINED,
            /**
             * This child's restart exceeded the intensity: all children were told to stop, in reverse order, and
             * nothing will be started until reset. Has a text.
             */
            GAVE_UP
        }

        static Notice of(Kind kind, LocalChild child) {
            return new Notice(kind, child, null, null, null, false, null, null);
        }

        static Notice of(Kind kind, LocalChild child, StopReason reason) {
            return new Notice(kind, child, null, reason, null, false, null, null);
        }

        static Notice of(Kind kind, LocalChild child, String text) {
            return new Notice(kind, child, null, null, null, false, null, text);
        }

        static Notice started(LocalChild child, StartCause cause) {
            return new Notice(Kind.STARTED, child, cause, null, null, false, null, null);
        }

        static Notice startFailed(LocalChild child, StartCause cause, Throwable failure, boolean repeated) {
            return new Notice(Kind.START_FAILED, child, cause, null, failure, repeated, null, null);
        }

        static Notice exited(LocalChild child, boolean repeated) {
            return new Notice(Kind.EXITED, child, null, null, null, repeated, null, null);
        }

        static Notice restartDelayed(LocalChild child, Duration delay) {
            return new Notice(Kind.RESTART_DELAYED, child, null, null, null, false, delay, null);
        }

        @Override
        public StartCause cause() {
            return Objects.requireNonNull(cause);
        }

        @Override
        public StopReason reason() {
            return Objects.requireNonNull(reason);
        }

        @Override
        public Throwable failure() {
            return Objects.requireNonNull(failure);
        }

        @Override
        public Duration delay() {
            return Objects.requireNonNull(delay);
        }

        @Override
        public String text() {
            return Objects.requireNonNull(text);
        }
    }
}
