package io.github.mirroredsupervisor;

import java.time.Duration;

/** One run's view of its supervisor. Valid for that run only; thread-safe. */
public interface ChildContext {

    String group();

    String childId();

    /** This run's token: greater than that of every earlier run of this child. Hand it to whatever you write to. */
    long fencingToken();

    /**
     * The spec's arguments as an object of the given type.
     *
     * @throws IllegalArgumentException if they do not fit it
     */
    <T> T arguments(Class<T> type);

    /** Whether this run was told to end, for whatever reason. */
    boolean isStopping();

    /**
     * Whether the peer's lease still permits this run and it was not told to stop. Nanoseconds, no I/O: ask before each
     * outside effect. It narrows the gap that a paused process leaves; only the token closes it.
     */
    boolean mayRun();

    /**
     * Sleeps, or returns early when told to stop.
     *
     * @throws InterruptedException if interrupted for another reason than the stop
     */
    void sleep(Duration duration) throws InterruptedException;

    /**
     * Says that the work goes on. A child with a {@link ChildSpec#progressTimeout} that does not call this in time counts as hung, which is
     * a crash: it is told to stop, and restarted by the rules for crashes. Nanoseconds, no I/O.
     */
    void progress();

    /**
     * Something to close if this run does not end in the time it has when it is told to: a socket, a client, a statement, whatever its
     * thread may wait in and an interrupt does not reach. Closed on a thread of its own, the last one registered first, at most once, and
     * not at all if the run ends in time. A failure to close is logged.
     */
    void onForcedStop(AutoCloseable resource);

    /** The group this child belongs to. It may be called from init, run and while stopping. */
    MirroredSupervisor supervisor();
}
