package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.supervision.run.SupervisionListener;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a {@link SupervisorCore} wants done, in order. */
public sealed interface Effect {

    /**
     * Run the child on a thread of its own.
     *
     * @param previous how its last run ended: the same failure again is not logged again
     */
    record StartRun(ChildSpec spec, long token, @Nullable LastExit previous) implements Effect {}

    /** Tell the run to end: set its flag, wake it, interrupt it. */
    record TellRun(String childId, long token, StopReason reason) implements Effect {}

    /** Ask the run when it said last that its work goes on. */
    record AskProgress(String childId, long token) implements Effect {}

    /** Its time is over: interrupt it once more, and close what it has registered for that. */
    record InterruptRun(String childId, long token) implements Effect {}

    /** Something to tell the {@link SupervisionListener}, with the child as it then was. */
    sealed interface Notice extends Effect {}

    record Started(LocalChild child, StartCause cause) implements Notice {}

    /**
     * Init threw, or declined.
     *
     * @param repeated whether the last start ended so too: then there is nothing new to log
     */
    record StartFailed(LocalChild child, StartCause cause, Throwable failure, boolean repeated) implements Notice {}

    /**
     * The child ended by itself.
     *
     * @param repeated whether its last run ended so too: then there is nothing new to log
     */
    record Exited(LocalChild child, boolean repeated) implements Notice {}

    record TokenNeeded(LocalChild child) implements Notice {}

    record RestartDelayed(LocalChild child, Duration delay) implements Notice {}

    record Stopping(LocalChild child, StopReason reason) implements Notice {}

    record Stopped(LocalChild child, StopReason reason) implements Notice {}

    record Stuck(LocalChild child) implements Notice {}

    /** Its thread is no longer waited for; what follows its stop follows. */
    record Abandoned(LocalChild child) implements Notice {}

    /** It used up the restart intensity, and is kept from running. */
    record Quarantined(LocalChild child, String reason) implements Notice {}

    record GaveUp(String reason) implements Notice {}
}
