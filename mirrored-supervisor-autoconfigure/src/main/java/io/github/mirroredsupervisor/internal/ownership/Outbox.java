package io.github.mirroredsupervisor.internal.ownership;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.context.HighestToken;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one member still has to write about its children: the newest report of each, removals and releases. It survives
 * outages. Every write is conditional on owner and token, so that a late one changes nothing. Confined to the group's
 * loop.
 */
public final class Outbox {

    private final String group;
    private final HighestToken highest;
    private final Map<String, PhaseReport> reports = new LinkedHashMap<>();
    private final Map<String, Long> removals = new LinkedHashMap<>();
    private final Map<String, Release> releases = new LinkedHashMap<>();

    /** Releases that wait until other children have stopped. */
    private final Map<String, Release> held = new LinkedHashMap<>();

    public Outbox(String group, HighestToken highest) {
        this.group = group;
        this.highest = highest;
    }

    public void report(
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

    public void settle(ChildRow row, Phase phase) {
        @Nullable LastExit exit = row.lastExit();
        put(new PhaseReport(row.id(), row.token(), phase, row.restarts(), 0, null, exit, row.revision(), null, null));
    }

    private void put(PhaseReport report) {
        reports.merge(report.childId(), report, (old, now) -> now.answers() != null ? now : now.keepingAnswer(old));
    }

    public void remove(String childId, long token) {
        removals.put(childId, token);
    }

    /**
     * Hands a child over.
     *
     * @param target the peer that is to run it; null for the first peer that claims it
     */
    public void release(LocalChild child, @Nullable PeerId target) {
        releases.put(child.id(), Release.of(child, target));
    }

    /**
     * Like {@link #release}, but waits for {@link #releaseHeld}, so that children that depend on each other start
     * elsewhere together and in order.
     */
    public void hold(LocalChild child) {
        held.put(child.id(), Release.of(child, null));
    }

    public boolean isHolding() {
        return !held.isEmpty();
    }

    public Set<String> held() {
        return Set.copyOf(held.keySet());
    }

    /**
     * Hands over all that are held.
     *
     * @param target the peer that is to run all of them; null for those that claim them first
     */
    public void releaseHeld(@Nullable PeerId target) {
        held.forEach((id, release) -> releases.put(id, release.to(target)));
        held.clear();
    }

    /** Children with a lower start {@code order} are handed over first. */
    private record Release(long token, long order, Optional<PeerId> target) {

        private static Release of(LocalChild child, @Nullable PeerId target) {
            return new Release(child.token(), child.order(), Optional.ofNullable(target));
        }

        private Release to(@Nullable PeerId another) {
            return new Release(token, order, Optional.ofNullable(another));
        }
    }

    public boolean isEmpty() {
        return reports.isEmpty() && removals.isEmpty() && releases.isEmpty() && held.isEmpty();
    }

    /** Whether something about the child is unwritten, so that its row is out of date. */
    public boolean contains(String childId) {
        return reports.containsKey(childId)
                || removals.containsKey(childId)
                || releases.containsKey(childId)
                || held.containsKey(childId);
    }

    /** Takes out everything except held releases. */
    public Batch take(PeerId me) {
        List<Handover> handovers = new ArrayList<>();
        inStartOrder().forEach((target, some) -> handovers.add(new Handover(owned(some, me), target.orElse(null))));
        Batch batch = new Batch(
                new Outbox(group, highest),
                handovers,
                removals.isEmpty() ? List.of() : owned(removals, me),
                List.copyOf(reports.values()));
        batch.taken().moveFrom(this);
        return batch;
    }

    private void moveFrom(Outbox other) {
        reports.putAll(other.reports);
        removals.putAll(other.removals);
        releases.putAll(other.releases);
        other.reports.clear();
        other.removals.clear();
        other.releases.clear();
    }

    /** Queues a batch again whose outcome is unknown. Newer entries take precedence. */
    public void putBack(Batch batch) {
        batch.taken().removals.forEach(removals::putIfAbsent);
        batch.taken().releases.forEach(releases::putIfAbsent);
        batch.reports().forEach(this::putBack);
    }

    /** Queues the entries again whose rows another session kept locked. */
    public void putBack(Batch batch, Written written) {
        batch.removals().stream()
                .filter(removal -> written.unremoved().contains(removal.childId()))
                .forEach(removal -> removals.putIfAbsent(removal.childId(), removal.token()));
        batch.reports().stream()
                .filter(report -> written.unreported().contains(report.childId()))
                .forEach(this::putBack);
    }

    private void putBack(PhaseReport report) {
        reports.merge(report.childId(), report, (now, old) -> now.answers() != null ? now : now.keepingAnswer(old));
    }

    /** The releases by their target. The target of the first child comes first. */
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

    /** Drops everything: the next incarnation must not write to the rows of this one. */
    public void clear() {
        reports.clear();
        removals.clear();
        releases.clear();
        held.clear();
    }

    /** Children that go to the same target. */
    private record Handover(
            List<OwnedToken> children, @Nullable PeerId target) {}

    /**
     * What is written by one command.
     *
     * @param taken the same entries as they were in the outbox
     */
    public record Batch(Outbox taken, List<Handover> handovers, List<OwnedToken> removals, List<PhaseReport> reports) {

        /** The children that it is about. Any thread. */
        public Set<String> childIds() {
            Set<String> ids = new LinkedHashSet<>();
            reports.forEach(report -> ids.add(report.childId()));
            removals.forEach(removal -> ids.add(removal.childId()));
            handovers.forEach(handover -> handover.children().forEach(child -> ids.add(child.childId())));
            return ids;
        }

        public boolean isEmpty() {
            return handovers.isEmpty() && removals.isEmpty() && reports.isEmpty();
        }

        /**
         * On the work thread.
         *
         * @param awaited the children whose rows are wanted, if their reports are written
         */
        public Written write(WorkSession session, String group, PeerId me, Set<String> awaited) {
            Set<String> released = new LinkedHashSet<>();
            for (Handover handover : handovers) {
                released.addAll(session.release(group, handover.children(), handover.target()));
            }
            Set<String> unremoved = removals.isEmpty() ? Set.of() : session.remove(group, removals, "ended");
            WorkSession.Reported reported = reports.isEmpty()
                    ? new WorkSession.Reported(Set.of(), List.of())
                    : session.report(group, me, reports, awaited);
            return new Written(released, unremoved, reported.unwritten(), reported.rows());
        }
    }

    /**
     * The result of writing a batch.
     *
     * @param released the children that were handed over
     * @param unremoved the children whose removal met a row that another session keeps locked
     * @param unreported the children whose report met such a row
     * @param rows the wanted rows, as the reports have left them
     */
    public record Written(Set<String> released, Set<String> unremoved, Set<String> unreported, List<ChildRow> rows) {}
}
