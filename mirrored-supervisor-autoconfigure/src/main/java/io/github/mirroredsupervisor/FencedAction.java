package io.github.mirroredsupervisor;

/**
 * Work of a run in one transaction of the application, without a result; see
 * {@link ChildContext#inFencedTransaction(FencedAction)}.
 */
@FunctionalInterface
public interface FencedAction {

    /**
     * Does the work, on the caller's thread, with the transaction bound to it.
     *
     * @throws Exception for any reason; the transaction is rolled back
     */
    void run() throws Exception;
}
