package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.internal.group.ReconcileContext.Launched;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.supervision.TokenLedger;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a member has launched and which tokens are used up, by child id. Confined to the work thread. */
public final class LaunchLedger {

    private final Map<String, Launched> launched = new HashMap<>();
    private final Map<String, Long> inFlight = new HashMap<>();
    private final TokenLedger tokens;

    /**
     * Nothing launched yet.
     *
     * @param tokens which are used up, known to the supervisor that the launches are given to
     */
    LaunchLedger(TokenLedger tokens) {
        this.tokens = tokens;
    }

    Map<String, Launched> launched() {
        return launched;
    }

    public TokenLedger tokens() {
        return tokens;
    }

    public Set<String> inFlight() {
        return inFlight.keySet();
    }

    /** A new child with an old id: what was launched before does not carry out its commands. Its tokens stay spent. */
    void forget(String childId) {
        launched.remove(childId);
        inFlight.remove(childId);
    }

    /** Keeps what concerns children that have a row or are known here. */
    void retain(Set<String> rows, Set<String> locals) {
        launched.keySet().removeIf(id -> !rows.contains(id) && !locals.contains(id));
    }

    /** No run may use the row's token from now on: one does, or its hand-over is sent (protocol rules 7 and 8). */
    void burn(ChildRow row) {
        tokens.burn(row.id(), row.token());
    }

    /** A launch for the row's newest command is given to the local supervisor. */
    void launching(ChildRow row) {
        launched.put(row.id(), new Launched(row.revision(), row.command(), !row.isAnswered()));
        relaunching(row);
    }

    /** A token for a restart in place is given to the local supervisor. */
    void relaunching(ChildRow row) {
        burn(row);
        inFlight.put(row.id(), row.token());
    }

    /**
     * The local supervisor has taken these launches up or dropped them: what it knows of the children now counts again.
     */
    void takenUp(Map<String, Long> launches) {
        launches.forEach(inFlight::remove);
    }

    Map<String, Long> launchesInFlight() {
        return Map.copyOf(inFlight);
    }

    /** The next incarnation has launched nothing, and may find rows with lower tokens than the last one used. */
    void expelled() {
        launched.clear();
        inFlight.clear();
        tokens.forgetChildren();
    }

    void nothingInFlight() {
        inFlight.clear();
    }

    @Nullable
    Launched launchedFor(String childId) {
        return launched.get(childId);
    }
}
