package io.github.mirroredsupervisor.internal.supervision;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * Children to be started one after another: a batch that was asked for, or what a strategy brings back after a restart.
 */
final class StartSequence {

    private final LinkedHashSet<String> waiting;
    private final boolean cycle;

    /** Whether the siblings are still being stopped. */
    private boolean held;

    /** When the head is no longer waited for; null for never. */
    private @Nullable Long limit;

    private StartSequence(Collection<String> ids, boolean cycle) {
        this.waiting = new LinkedHashSet<>(ids);
        this.cycle = cycle;
        this.held = cycle;
    }

    static StartSequence batch(Collection<String> ids) {
        return new StartSequence(ids, false);
    }

    /** Of siblings, none of which is started before {@link #release}. */
    static StartSequence cycle(Collection<String> ids) {
        return new StartSequence(ids, true);
    }

    boolean isCycle() {
        return cycle;
    }

    boolean isHeld() {
        return held;
    }

    void release() {
        held = false;
    }

    boolean contains(String id) {
        return waiting.contains(id);
    }

    @Nullable
    String head() {
        Iterator<String> ids = waiting.iterator();
        return ids.hasNext() ? ids.next() : null;
    }

    boolean isLast() {
        return waiting.size() == 1;
    }

    void drop(String id) {
        waiting.remove(id);
    }

    /** Leaves to the other what is in both. */
    void dropAll(StartSequence other) {
        waiting.removeAll(other.waiting);
    }

    @Nullable
    Long limit() {
        return limit;
    }

    void limit(@Nullable Long nanos) {
        limit = nanos;
    }
}
