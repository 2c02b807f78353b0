package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * Work of a run in one transaction of the application, with a result; see {@link ChildContext#inFencedTransaction}.
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface FencedWork<T extends @Nullable Object> {

    /**
     * Does the work, on the caller's thread, with the transaction bound to it.
     *
     * @throws Exception for any reason; the transaction is rolled back
     */
    T run() throws Exception;
}
