package io.github.mirroredsupervisor.internal.supervision;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The children as others see them, built when somebody looks and something has changed. Thread-safe. */
public final class Snapshots {

    private final SupervisorState ledger;
    private volatile Snapshot last = new Snapshot(-1, 0, Map.of());

    public Snapshots(SupervisorState ledger) {
        this.ledger = ledger;
    }

    public Map<String, LocalChild> at(long nanos) {
        // The version first: what changes meanwhile makes the next look build anew.
        long version = ledger.version();
        int inWindow = ledger.restartsInWindow(nanos);
        Snapshot known = last;
        if (known.version != version || known.inWindow != inWindow) {
            Map<String, LocalChild> children = new LinkedHashMap<>();
            for (Child child : ledger.inStartOrder()) {
                children.put(child.id(), child.view(inWindow));
            }
            known = new Snapshot(version, inWindow, Collections.unmodifiableMap(children));
            last = known;
        }
        return known.children;
    }

    /** Those of some ids that are known. */
    public Map<String, LocalChild> at(long nanos, Set<String> ids) {
        int inWindow = ledger.restartsInWindow(nanos);
        Map<String, LocalChild> found = new HashMap<>();
        for (String id : ids) {
            Child child = ledger.child(id);
            if (child != null) {
                found.put(id, child.view(inWindow));
            }
        }
        return found;
    }

    private record Snapshot(long version, int inWindow, Map<String, LocalChild> children) {}
}
