package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerRef;
import java.util.Map;

/** What a run needs from outside its supervisor. Thread-safe. */
public interface RunEnvironment {

    String group();

    /**
     * The process for one run, made on the run's own thread.
     *
     * @throws Exception if it cannot be made; the start fails with it
     */
    ChildProcess create(ChildSpec spec) throws Exception;

    /** Whether the peer's lease permits starting children now (protocol rule 7). Nanoseconds, no I/O. */
    boolean permitsStart();

    /**
     * Whether the child, once started, may run on. Differs from {@link #permitsStart} for one that rides out outages.
     * Nanoseconds, no I/O.
     */
    boolean permits(ChildSpec spec);

    /**
     * The arguments as an object of the type.
     *
     * @throws IllegalArgumentException if the arguments do not fit the type
     */
    <T> T convert(Map<String, Object> arguments, Class<T> type);

    MirroredSupervisor supervisor();

    /** The monotonic time that the supervisor decides by. */
    default long nanoTime() {
        return System.nanoTime();
    }

    /** Who owns what is started now. */
    PeerRef owner();

    Fence fence();

    /** Runs something, such as logging, where it holds up no child; in order. */
    default void later(Runnable task) {
        task.run();
    }
}
