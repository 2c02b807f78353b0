package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.store.OwnedToken;
import io.github.mirroredsupervisor.internal.store.PhaseReport;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one member still has to write of its children: the newest report of each, removals and releases. It outlives
 * outages; every write is conditional on owner and token, so that a late one changes nothing. Confined to the work
 * thread.
 */
public final class Outbox {

    private final String group;
    private final HighestToken highest;
    private final Map<String, PhaseReport> reports = new LinkedHashMap<>();
    private final Map<String, Long> removals = new LinkedHashMap<>();
    private final Map<String, Release> releases = new LinkedHashMap<>();

    /** Releases that wait for those of other children. */
    private final Map<String, Release> held = new LinkedHashMap<>();

    Outbox(String group, HighestToken highest) {
        this.group = group;
        this.highest = highest;
    }

    void report(
            LocalChild child,
            Phase phase,
            @Nullable Long answers,
            @Nullable String failure,
            @Nullable DesiredState desired) {
        put(new PhaseReport(
                child.id(),
                child.token(),
                phase,
                child.restarts(),
                child.restartsInWindow(),
                child.nextRetry(),
                child.lastExit(),
                answers,
                failure,
                desired));
    }

    void settle(ChildRow row, Phase phase) {
        @Nullable LastExit exit = row.lastExit();
        put(new PhaseReport(row.id(), row.token(), phase, row.restarts(), 0, null, exit, row.revision(), null, null));
    }

    private void put(PhaseReport report) {
        reports.merge(report.childId(), report, (old, now) -> now.answers() != null ? now : now.keepingAnswer(old));
    }

    void remove(String childId, long token) {
        removals.put(childId, token);
    }

    /**
     * Hands a child over.
     *
     * @param target who is to run it; null for whoever claims it first
     */
    void release(LocalChild child, @Nullable PeerId target) {
        releases.put(child.id(), Release.of(child, target));
    }

    /**
     * As {@link #release}, but not before {@link #releaseHeld}: so that children that depend on each other start
     * elsewhere together and in their order. Nobody is named who is to run it, as then the declared ones among them,
     * which are claimed, would come apart from the others.
     */
    void hold(LocalChild child) {
        held.put(child.id(), Release.of(child, null));
    }

    boolean isHolding() {
        return !held.isEmpty();
    }

    void releaseHeld() {
        releases.putAll(held);
        held.clear();
    }

    /** {@code order}: those that start first are handed over first. */
    private record Release(long token, long order, Optional<PeerId> target) {

        private static Release of(LocalChild child, @Nullable PeerId target) {
            return new Release(child.token(), child.order(), Optional.ofNullable(target));
        }
    }

    boolean isEmpty() {
        return reports.isEmpty() && removals.isEmpty() && releases.isEmpty() && held.isEmpty();
    }

    /** Ids with something unwritten: their rows are not up to date. */
    Set<String> unwritten() {
        Set<String> ids = new LinkedHashSet<>(reports.keySet());
        ids.addAll(removals.keySet());
        ids.addAll(releases.keySet());
        ids.addAll(held.keySet());
        return ids;
    }

    /**
     * Writes everything but what is held; what fails, or meets a locked row, stays for the next time.
     *
     * @return the children that were released
     */
    Set<String> flush(WorkSession session, PeerId me) {
        Set<String> released = new LinkedHashSet<>();
        for (Map.Entry<Optional<PeerId>, Map<String, Long>> some :
                inStartOrder().entrySet()) {
            Map<String, Long> tokens = some.getValue();
            released.addAll(
                    session.release(group, owned(tokens, me), some.getKey().orElse(null)));
            releases.keySet().removeAll(tokens.keySet());
        }
        if (!removals.isEmpty()) {
            Set<String> locked = session.remove(group, owned(removals, me), "ended");
            removals.keySet().retainAll(locked);
        }
        if (!reports.isEmpty()) {
            Set<String> locked = session.report(group, me, List.copyOf(reports.values()));
            reports.keySet().retainAll(locked);
        }
        return released;
    }

    /** The tokens of the releases by their target. The target of the first child comes first. */
    private Map<Optional<PeerId>, Map<String, Long>> inStartOrder() {
        Map<Optional<PeerId>, Map<String, Long>> byTarget = new LinkedHashMap<>();
        releases.entrySet().stream()
                .sorted(Comparator.comparingLong(e -> e.getValue().order()))
                .forEach(e -> byTarget.computeIfAbsent(e.getValue().target(), target -> new LinkedHashMap<>())
                        .put(e.getKey(), e.getValue().token()));
        return byTarget;
    }

    private List<OwnedToken> owned(Map<String, Long> tokens, PeerId me) {
        return tokens.entrySet().stream()
                .map(e -> new OwnedToken(e.getKey(), me, e.getValue(), Math.max(e.getValue(), highest.get()), 0))
                .toList();
    }

    /** Another incarnation has nothing to say about the rows of this one. */
    void clear() {
        reports.clear();
        removals.clear();
        releases.clear();
        held.clear();
    }
}
