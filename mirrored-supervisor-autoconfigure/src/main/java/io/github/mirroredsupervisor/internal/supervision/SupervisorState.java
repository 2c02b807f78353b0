package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.Moment;
import io.github.mirroredsupervisor.internal.supervision.values.SupervisorFlags;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The state that the decisions of one supervisor share: the known children, their deadlines, the used tokens, the
 * restart window, and the effects of the current event. Updated in place, because with ten thousand children the cost
 * of copies would be quadratic. Owned by one thread.
 */
public final class SupervisorState {

    private static final long SECOND = 1_000_000_000L;

    public final SupervisorFlags flags;

    private final Map<String, Child> children = new HashMap<>();
    private final Map<Status, Set<String>> byStatus = new EnumMap<>(Status.class);
    private long version;
    private final Deadlines deadlines = new Deadlines();

    /**
     * When the recent restarts of all children together were, oldest first (semantics row A27). Times are whole seconds
     * of monotonic time, and both ends of the window are inclusive (row A38). So two restarts can count together
     * although they are almost one second further apart than the period.
     */
    private final Deque<Long> restarts = new ArrayDeque<>();

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

    /** Adds a restart now, and drops the restarts that have left the window. */
    void countRestart() {
        restarts.removeIf(then -> !isInWindow(then, nanos()));
        restarts.add(second(nanos()));
    }

    /**
     * Counts a delayed restart. It never exceeds the intensity; instead it becomes the first in a new window (semantics
     * rows A24, A25).
     */
    void countDelayedRestart() {
        countRestart();
        if (isIntensityExceeded()) {
            clearRestarts();
            countRestart();
        }
    }

    /** Whether the last counted restart exceeded the intensity (semantics row A38). */
    boolean isIntensityExceeded() {
        return restarts.size() > flags.intensity();
    }

    void clearRestarts() {
        restarts.clear();
    }

    public int restartsInWindow(long nanos) {
        int count = 0;
        for (long then : restarts) {
            if (isInWindow(then, nanos)) {
                count++;
            }
        }
        return count;
    }

    private boolean isInWindow(long thenSecond, long nanos) {
        return Duration.ofSeconds(second(nanos) - thenSecond).compareTo(flags.period()) <= 0;
    }

    private static long second(long nanos) {
        return Math.floorDiv(nanos, SECOND);
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

    /** At most one deadline per child, the earliest first. */
    private static final class Deadlines {

        private final Map<String, Entry> byChild = new HashMap<>();
        private final TreeSet<Entry> inTime = new TreeSet<>(Entry.EARLIEST_FIRST);

        /** Replaces the child's deadline; null removes it. */
        void set(String childId, @Nullable Long nanos) {
            Entry old = byChild.get(childId);
            if (old != null) {
                byChild.remove(childId);
                inTime.remove(old);
            }
            if (nanos != null) {
                Entry entry = new Entry(nanos, childId);
                byChild.put(childId, entry);
                inTime.add(entry);
            }
        }

        /** Removes and returns the child with the earliest reached deadline; null if no deadline is reached. */
        @Nullable
        String pollDue(long now) {
            if (inTime.isEmpty() || inTime.first().nanos() - now > 0) {
                return null;
            }
            String childId = inTime.first().childId();
            set(childId, null);
            return childId;
        }

        /** The earliest deadline; null if there is none. */
        @Nullable
        Long earliest() {
            return inTime.isEmpty() ? null : inTime.first().nanos();
        }

        private record Entry(long nanos, String childId) {

            // By subtraction: monotonic time may wrap around.
            static final Comparator<Entry> EARLIEST_FIRST =
                    ((Comparator<Entry>) (a, b) -> Long.signum(a.nanos - b.nanos)).thenComparing(Entry::childId);
        }
    }
}
