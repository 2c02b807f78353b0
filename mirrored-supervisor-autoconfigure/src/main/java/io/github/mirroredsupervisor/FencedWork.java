package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * What a run does in one transaction of the application; see {@link ChildContext#inFencedTransaction}.
 *
 * @param <T> what comes of it
 */
@FunctionalInterface
public interface FencedWork<T extends @Nullable Object> {

    /**
     * Does the work, on the caller's thread, with the transaction bound to it.
     *
     * @throws Exception for whatever reason: the transaction is rolled back
     */
    T run() throws Exception;
}
