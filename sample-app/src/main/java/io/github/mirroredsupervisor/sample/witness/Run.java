package io.github.mirroredsupervisor.sample.witness;

import org.jspecify.annotations.Nullable;

/**
 * One run of a child as the witness saw it.
 *
 * @param child the child's id
 * @param token its fencing token
 * @param node the node's name
 * @param pid the process id
 * @param beginNanos when it began
 * @param endNanos when it ended, by itself or with its process; null while it runs
 */
public record Run(
        String child,
        long token,
        String node,
        long pid,
        long beginNanos,
        @Nullable Long endNanos) {

    public boolean isOpen() {
        return endNanos == null;
    }

    Run ended(long nanos) {
        return new Run(child, token, node, pid, beginNanos, nanos);
    }
}
