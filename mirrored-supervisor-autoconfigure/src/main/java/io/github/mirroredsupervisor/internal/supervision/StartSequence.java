package io.github.mirroredsupervisor.internal.supervision;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/** Children to start one after another: a requested batch, or the siblings that a strategy restarts. */
final class StartSequence {

    private final LinkedHashSet<String> waiting;
    private final boolean cycle;

    /** Whether the siblings are still being stopped. */
    private boolean held;

    /** When the sequence stops waiting for its head; null for never. */
    private @Nullable Long limit;

    private StartSequence(Collection<String> ids, boolean cycle) {
        this.waiting = new LinkedHashSet<>(ids);
        this.cycle = cycle;
        this.held = cycle;
    }

    static StartSequence batch(Collection<String> ids) {
        return new StartSequence(ids, false);
    }

    /** A sequence of siblings. None of them starts before {@link #release}. */
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

    /** Removes the children that are also in the other sequence. */
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
