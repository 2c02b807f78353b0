package io.github.mirroredsupervisor.internal.supervision;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can happen to a {@link SupervisorCore}: commands from the facade, reports of runs, and the passing of time. */
public sealed interface Event {

    record Start(List<Launch> batch) implements Event {}

    record Granted(String childId, long token) implements Event {}

    record Refused(String childId) implements Event {}

    record Stop(String childId, StopReason reason) implements Event {}

    record StopAll(StopReason reason) implements Event {}

    record Forget(String childId) implements Event {}

    /** A restart that waits is to wait for so long from now on; of the run with this token only. */
    record Postpone(String childId, long token, Duration delay) implements Event {}

    /**
     * The permission ended, and the runs have been told.
     *
     * @param atNanos when they were told: the stop-bound counts from there
     */
    record Revoked(boolean sparingContinue, long atNanos) implements Event {}

    record Reset() implements Event {}

    /** Changes nothing: whoever hears of it knows that all before it is carried out. */
    record Barrier(Runnable passed) implements Event {}

    /**
     * A run was asked for its progress.
     *
     * @param atNanos when it said last that its work goes on
     */
    record Progressed(String childId, long token, long atNanos) implements Event {}

    /** A run's init has returned. */
    record InitReturned(String childId, long token) implements Event {}

    /**
     * A run's thread is through with the application's code. The last thing it reports.
     *
     * @param told what the run itself had been told by then. A revocation tells runs before the core, so it may know
     *     more
     */
    record Ended(
            String childId, long token, Exit exit, @Nullable StopReason told) implements Event {}

    /** A run has found out by itself that it may not go on, and has set its own flag. */
    record Told(String childId, long token, StopReason reason) implements Event {}

    /** Nothing but time has passed. */
    record Tick() implements Event {}
}
