package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.internal.supervision.LocalChild.Status;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state that the decisions of one supervisor share: the known children, their deadlines, the used tokens, the
 * restart window, and the effects of the current event. Updated in place, because with ten thousand children the cost
 * of copies would be quadratic. Owned by one thread.
 */
public final class SupervisorState {

    public final SupervisorFlags flags;

    private final Map<String, Child> children = new HashMap<>();
    private final Map<Status, Set<String>> byStatus = new EnumMap<>(Status.class);
    private long version;
    private RestartWindow window = RestartWindow.EMPTY;
    private final Deadlines deadlines = new Deadlines();

    private final TokenLedger tokens = new TokenLedger();

    private List<Effect> effects = new ArrayList<>();
    private Moment now;

    public SupervisorState(SupervisorFlags flags, Moment start) {
        this.flags = flags;
        this.now = start;
    }

    void begin(Moment moment) {
        now = moment;
        effects = new ArrayList<>();
    }

    List<Effect> effects() {
        return effects;
    }

    Moment now() {
        return now;
    }

    long nanos() {
        return now.nanos();
    }

    // --- children

    public @Nullable Child child(String id) {
        return children.get(id);
    }

    Child put(Child child) {
        Child before = children.put(child.id(), child);
        Status status = child.state().status();
        if (before == null || before.state().status() != status) {
            leaveStatus(before);
            byStatus.computeIfAbsent(status, none -> new HashSet<>()).add(child.id());
        }
        deadlines.set(child.id(), child.state().deadline());
        version++;
        return child;
    }

    void remove(String id) {
        leaveStatus(children.remove(id));
        deadlines.set(id, null);
        version++;
    }

    private void leaveStatus(@Nullable Child child) {
        if (child != null) {
            Set<String> same = byStatus.get(child.state().status());
            if (same != null) {
                same.remove(child.id());
            }
        }
    }

    /** The children in this state, in no order. */
    public Set<String> ids(Status status) {
        return byStatus.getOrDefault(status, Set.of());
    }

    public List<Child> inStartOrder() {
        List<Child> sorted = new ArrayList<>(children.values());
        sorted.sort(Child.START_ORDER);
        return sorted;
    }

    List<Child> inStopOrder() {
        List<Child> sorted = new ArrayList<>(children.values());
        sorted.sort(Child.START_ORDER.reversed());
        return sorted;
    }

    /** Increases with every change of a child. */
    public long version() {
        return version;
    }

    // --- tokens

    /** Any thread. */
    public TokenLedger tokens() {
        return tokens;
    }

    /** Whether the token may start a run. If so, it is used up by this call. */
    boolean useToken(String id, long token) {
        return tokens.use(id, token);
    }

    // --- restarts

    void countRestart() {
        window = window.plus(nanos(), flags.period());
    }

    /**
     * Counts a delayed restart. It never exceeds the intensity; instead it becomes the first in a new window (semantics
     * rows A24, A25).
     */
    void countDelayedRestart() {
        countRestart();
        if (isIntensityExceeded()) {
            window = RestartWindow.EMPTY.plus(nanos(), flags.period());
        }
    }

    /** Whether the last counted restart exceeded the intensity (semantics row A38). */
    boolean isIntensityExceeded() {
        return window.seconds().size() > flags.intensity();
    }

    void clearRestarts() {
        window = RestartWindow.EMPTY;
    }

    public int restartsInWindow(long nanos) {
        return window.count(nanos, flags.period());
    }

    // --- time

    @Nullable
    Child pollDue() {
        String id = deadlines.pollDue(nanos());
        return id == null ? null : children.get(id);
    }

    @Nullable
    Long earliestDeadline() {
        return deadlines.earliest();
    }

    // --- effects

    void add(Effect effect) {
        effects.add(effect);
    }

    LocalChild view(Child child) {
        return child.view(restartsInWindow(nanos()));
    }
}
