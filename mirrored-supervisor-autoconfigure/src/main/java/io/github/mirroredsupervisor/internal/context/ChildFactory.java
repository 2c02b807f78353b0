package io.github.mirroredsupervisor.internal.context;

import io.github.mirroredsupervisor.ChildProcess;

/** Makes the process of one run of a registered type, on the run's own thread. */
@FunctionalInterface
public interface ChildFactory {

    /**
     * A process for one run.
     *
     * @throws Exception if it cannot be made; the start fails with it
     */
    ChildProcess create() throws Exception;
}
