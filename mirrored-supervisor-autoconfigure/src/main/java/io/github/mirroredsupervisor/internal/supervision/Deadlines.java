package io.github.mirroredsupervisor.internal.supervision;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** At most one deadline per child, the earliest first. Owned by one thread. */
final class Deadlines {

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
