package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.Launch.Attempt;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One known child.
 *
 * @param token of its present or last run, or of the run it is queued for
 */
public record Child(
        ChildSpec spec,
        long order,
        long token,
        ChildState state,
        int restarts,
        @Nullable LastExit lastExit) {

    static final Comparator<Child> START_ORDER =
            Comparator.comparingLong(Child::order).thenComparing(Child::id);

    public String id() {
        return spec.id();
    }

    boolean isTemporary() {
        return spec.restart() == RestartType.TEMPORARY;
    }

    Child in(ChildState next) {
        return new Child(spec, order, token, next, restarts, lastExit);
    }

    Child ended(ChildState next, LastExit exit) {
        return new Child(spec, order, token, next, restarts, exit);
    }

    Child queued(long newToken, Attempt attempt, StartCause cause) {
        return new Child(spec, order, newToken, new ChildState.Queued(attempt, cause), restarts, lastExit);
    }

    Child launched(ChildState.Queued queued) {
        int count = queued.attempt() == Attempt.RESTART ? restarts + 1 : restarts;
        ChildState starting = new ChildState.Starting(queued.attempt(), queued.cause());
        return new Child(spec, order, token, starting, count, lastExit);
    }

    /** Whether the last run ended with the same kind and reason: then there is nothing new to log. */
    boolean endedLike(Exit exit) {
        return lastExit != null && lastExit.kind() == exit.kind() && Objects.equals(lastExit.reason(), exit.reason());
    }

    public LocalChild view(int restartsInWindow) {
        return new LocalChild(
                spec, order, state.status(), token, restarts, restartsInWindow, state.nextRetry(), lastExit);
    }
}
