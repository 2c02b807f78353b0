package io.github.mirroredsupervisor.internal.ownership;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnStartFailure;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Semantics rows A12 and B9: whether the declared children that this member claims at its start have started. If the
 * settings require that, the first that cannot start undoes the start of the peer. Thread-safe.
 */
public final class InitialChildren {

    private final Set<String> declared;
    private final CompletableFuture<Void> outcome = new CompletableFuture<>();

    /** Guarded by this: children that started, perhaps before {@link #begin} was called. */
    private final Set<String> early = new HashSet<>();

    /** Guarded by this: the one that could not be started. */
    private @Nullable String failed;

    /** Guarded by this. */
    private final Set<String> waiting = new HashSet<>();

    public InitialChildren(GroupDefinition definition) {
        this.declared = definition.staticChildren().stream().map(ChildSpec::id).collect(Collectors.toSet());
        if (definition.settings().policies().onStartFailure() == OnStartFailure.RETRY) {
            outcome.complete(null);
        }
    }

    /** Completes when all have started; exceptionally with the failure of the first that could not start. */
    public CompletableFuture<Void> outcome() {
        return outcome;
    }

    /** Whether a failure still undoes the start of the peer. */
    public boolean isPending() {
        return !outcome.isDone();
    }

    /** Whether the start of the peer is still pending, or was undone because of these children. */
    public boolean isUndone() {
        return isPending() || outcome.isCompletedExceptionally();
    }

    /** Takes the children that the member launched first. They may include undeclared ones. */
    public synchronized void begin(Set<String> launched) {
        if (isPending()) {
            waiting.addAll(launched);
            waiting.retainAll(declared);
            waiting.removeAll(early);
            completeIfAllStarted();
        }
    }

    /** The child has started, or its start was ignored. */
    public synchronized void started(String childId) {
        if (isPending()) {
            early.add(childId);
            if (waiting.remove(childId)) {
                completeIfAllStarted();
            }
        }
    }

    /** Returns whether this undoes the start of the peer. */
    public synchronized boolean failed(String childId, Throwable failure) {
        if (!declared.contains(childId) || !isPending()) {
            return false;
        }
        failed = childId;
        return outcome.completeExceptionally(failure);
    }

    /** The child that could not be started; null if it is not known, or there is none. */
    public synchronized @Nullable String failed() {
        return failed;
    }

    /** Those that have not started yet. */
    public synchronized Set<String> waiting() {
        return Set.copyOf(waiting);
    }

    private void completeIfAllStarted() {
        if (waiting.isEmpty()) {
            outcome.complete(null);
        }
    }
}
