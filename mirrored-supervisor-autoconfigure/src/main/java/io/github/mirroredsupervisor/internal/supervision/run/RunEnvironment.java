package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerRef;
import java.util.Map;
import java.util.concurrent.Executor;

/** What a run needs from outside its supervisor. Thread-safe. */
public interface RunEnvironment {

    String group();

    /**
     * Creates the process for one run, on the run's own thread.
     *
     * @throws Exception if it cannot be created; the start then fails with this exception
     */
    ChildProcess create(ChildSpec spec) throws Exception;

    /** Whether the peer's lease permits starting children now (protocol rule 7). Nanoseconds, no I/O. */
    boolean permitsStart();

    /**
     * Whether the child, once started, may continue to run. Differs from {@link #permitsStart} for a child that
     * continues during outages. Nanoseconds, no I/O.
     */
    boolean permits(ChildSpec spec);

    /**
     * Converts the arguments to an object of the type.
     *
     * @throws IllegalArgumentException if the arguments do not fit the type
     */
    <T> T convert(Map<String, Object> arguments, Class<T> type);

    MirroredSupervisor supervisor();

    /** The monotonic time that the supervisor uses for decisions. */
    default long nanoTime() {
        return System.nanoTime();
    }

    /** The owner of the runs that start now. */
    PeerRef owner();

    Fence fence();

    /** Runs tasks, such as logging, where they delay no child, in order. */
    default Executor later() {
        return Runnable::run;
    }
}
