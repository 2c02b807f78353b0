package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.internal.supervision.ChildState.Starting;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The inits of independent children that are under way and count towards the bound on starts. An init that hangs counts
 * until its limit, the stop-bound after its begin: so it holds up the others no longer than that.
 */
final class Inits {

    private final SupervisorState ledger;

    /** In the order of their begin, which is also the order of their limits. Some may be over. */
    private final Deque<Init> begun = new ArrayDeque<>();

    Inits(SupervisorState ledger) {
        this.ledger = ledger;
    }

    void begun(Child child, long limit) {
        begun.addLast(new Init(child.id(), child.token(), limit));
    }

    /** Whether no other init may begin now. */
    boolean areFull() {
        if (begun.size() >= ledger.flags.bounds().starts()) {
            begun.removeIf(init -> !counts(init));
        }
        return begun.size() >= ledger.flags.bounds().starts();
    }

    /** When the first of them ceases to count. For use when {@link #areFull}. */
    long nextLimit() {
        return begun.getFirst().limit();
    }

    private boolean counts(Init init) {
        Child child = ledger.child(init.childId());
        return child != null
                && child.token() == init.token()
                && child.state() instanceof Starting
                && init.limit() - ledger.nanos() > 0;
    }

    private record Init(String childId, long token, long limit) {}
}
