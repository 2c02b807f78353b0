package io.github.mirroredsupervisor;

/**
 * What a child is. One thread calls {@link #init} and then {@link #run}; state is not carried over from run to run
 * (semantics row B45).
 */
@FunctionalInterface
public interface ChildProcess {

    /**
     * Prepares the run. Returning acknowledges the start; throwing fails it, {@link ChildExit#ignore()} declines it.
     *
     * @throws Exception the start's failure, reported to whoever asked for it
     */
    default void init(ChildContext context) throws Exception {}

    /**
     * Does the work until it is done or told to stop. Returning is a normal exit, throwing a crash; see
     * {@link ChildExit} for the others. When {@link ChildContext#isStopping()} turns true the thread is interrupted:
     * return soon, within the peer's stop-bound if the lease is the reason. It is called after every init that
     * returned, also when the child was told to stop meanwhile, so that it can close what init opened.
     *
     * @throws Exception the crash
     */
    void run(ChildContext context) throws Exception;
}
