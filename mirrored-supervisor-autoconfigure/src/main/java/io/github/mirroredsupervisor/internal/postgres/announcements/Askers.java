package io.github.mirroredsupervisor.internal.postgres.announcements;

import io.github.mirroredsupervisor.PeerId;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which peers wait for the answers of this one. It is known from hints only, so it is incomplete and may be wrong:
 * callers whose peer is not told look for themselves, twice in each renewal interval. Any user of the database may send
 * hints, so there are limits, and beyond them the oldest are forgotten. Thread-safe.
 */
final class Askers {

    private static final int MOST_CHILDREN = 1000;

    private static final int MOST_OF_ONE_CHILD = 10;

    private record Child(String group, String id) {}

    /** Guarded by this. */
    private final Map<Child, Set<PeerId>> waiting = new LinkedHashMap<>();

    synchronized void asks(PeerId asker, String group, Collection<String> childIds) {
        for (String id : childIds) {
            Child child = new Child(group, id);
            Set<PeerId> askers = waiting.remove(child); // the last one to ask is the last one to be forgotten
            askers = askers == null || askers.size() >= MOST_OF_ONE_CHILD ? new HashSet<>() : askers;
            askers.add(asker);
            waiting.put(child, askers);
            if (waiting.size() > MOST_CHILDREN) {
                waiting.remove(waiting.keySet().iterator().next());
            }
        }
    }

    /** Those that asked about any of these children; forgotten from now on. */
    synchronized Set<PeerId> take(String group, Collection<String> childIds) {
        Set<PeerId> all = new HashSet<>();
        for (String id : childIds) {
            Set<PeerId> askers = waiting.remove(new Child(group, id));
            if (askers != null) {
                all.addAll(askers);
            }
        }
        return all;
    }
}
