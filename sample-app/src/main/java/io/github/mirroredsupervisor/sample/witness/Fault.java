package io.github.mirroredsupervisor.sample.witness;

/**
 * Something that happened to a process, done by the launcher or noticed by it.
 *
 * @param kind what happened
 * @param node the node's name
 * @param pid its process id
 * @param nanos {@link System#nanoTime()} just before
 */
public record Fault(Kind kind, String node, long pid, long nanos) {

    public enum Kind {
        /** SIGKILL, or the process ended in another way that was not asked for. */
        KILL,
        /** SIGSTOP: the process stands still and does not know it. */
        PAUSE,
        /** SIGCONT. */
        RESUME,
        /** SIGTERM: the node leaves in good order. */
        STOP,
        /** The process is gone, for whatever reason. */
        ENDED
    }
}
