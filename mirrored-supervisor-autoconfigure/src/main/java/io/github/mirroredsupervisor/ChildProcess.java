package io.github.mirroredsupervisor;

/**
 * The code of a child. One thread calls {@link #init} and then {@link #run}. The supervisor carries no state over from
 * run to run (semantics row B45).
 */
@FunctionalInterface
public interface ChildProcess {

    /**
     * Prepares the run. Returning acknowledges the start, throwing fails it, and {@link ChildExit#ignore()} declines
     * it.
     *
     * @throws Exception the failure of the start, reported to the caller that requested it
     */
    default void init(ChildContext context) throws Exception {}

    /**
     * Does the work until it is done or told to stop. Returning is a normal exit, throwing is a crash; see
     * {@link ChildExit} for other exits. When {@link ChildContext#isStopping()} turns true the thread is interrupted:
     * return soon, within the peer's stop-bound if the lease is the reason. Run is called after every init that
     * returned, even if the child has been told to stop by then, so that it can close what init opened.
     *
     * @throws Exception the crash
     */
    void run(ChildContext context) throws Exception;
}
