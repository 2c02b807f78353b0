package io.github.mirroredsupervisor.internal.postgres.connection;

import io.github.mirroredsupervisor.StoreRefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes many rows at once, and limits a refusal to the rows that cause it. The database refuses a whole statement if
 * a constraint, a trigger or a policy objects to one row. The rows are then tried by halves, so that the other rows are
 * changed in the same round. A row that is refused alone is logged once and left out for a time that doubles with each
 * further refusal. An unknown outcome is not a refusal: it ends the round and is thrown. Used by one thread.
 */
public final class RefusedRows {

    private static final Logger logger = LoggerFactory.getLogger(RefusedRows.class);

    /** How many refused statements one round may have. The remaining rows are left for the next round. */
    private static final int MOST_REFUSALS = 100;

    /** How many refused statements one round may have at least, however long each takes. */
    private static final int FEW_REFUSALS = 16;

    private static final int MOST_NAMED = 10;

    private final Duration firstPause;
    private final Duration longestPause;
    private final Duration longestRound;
    private final Map<Row, Standing> standing = new HashMap<>();

    /**
     * Starts without refusals.
     *
     * @param firstPause how long a row is left out after its first refusal
     * @param lease limits the pause, and the time that one round spends on looking for refused rows
     */
    public RefusedRows(Duration firstPause, Duration lease) {
        this.firstPause = firstPause;
        this.longestPause = lease.multipliedBy(10);
        this.longestRound = lease.dividedBy(2);
    }

    /** A kind of change of one child. */
    private record Row(String kind, String group, String id) {}

    private record Standing(StoreRefusedException refusal, String reason, Duration pause, long again) {}

    /** A statement, or a transaction, for some of the rows: all of them or none are changed. */
    @FunctionalInterface
    public interface Change<R, T> {
        Collection<T> of(List<R> rows);
    }

    /**
     * The result of a round.
     *
     * @param changed what the statements returned
     * @param refused the ids that were refused now, or are still left out after an earlier refusal
     */
    public record Outcome<T>(List<T> changed, Set<String> refused) {}

    /**
     * One kind of change of the children of a group.
     *
     * @param prospect what happens to refused children, for people
     */
    public record Kind(String name, String group, String prospect) {

        /** A kind whose refused children are tried again in later rounds. */
        public Kind(String name, String group) {
            this(name, group, "these are tried again less and less often");
        }
    }

    /**
     * Changes the rows.
     *
     * @param id the id of a row's child
     */
    public <R, T> Outcome<T> change(Kind kind, Collection<R> rows, Function<R, String> id, Change<R, T> change) {
        List<R> due = new ArrayList<>();
        Set<String> refused = new HashSet<>();
        for (R row : rows) {
            if (isDue(row(kind, id.apply(row)))) {
                due.add(row);
            } else {
                refused.add(id.apply(row));
            }
        }
        List<T> changed = new ArrayList<>();
        if (!due.isEmpty()) {
            round(kind, due, id, change, changed, refused);
        }
        return new Outcome<>(changed, refused);
    }

    /** The largest parts first, so that a round that is cut short leaves out as few rows as possible. */
    private <R, T> void round(
            Kind kind, List<R> due, Function<R, String> id, Change<R, T> change, List<T> changed, Set<String> refused) {
        long start = System.nanoTime();
        PriorityQueue<List<R>> parts = new PriorityQueue<>(Comparator.comparingInt((List<R> part) -> -part.size()));
        parts.add(due);
        Map<Row, StoreRefusedException> bad = new LinkedHashMap<>();
        boolean anyDone = false;
        int refusals = 0;
        StoreRefusedException last = null;
        try {
            while (!parts.isEmpty() && !(refusals > 0 && isOver(start, refusals))) {
                List<R> part = parts.remove();
                try {
                    changed.addAll(change.of(part));
                    anyDone = true;
                    part.forEach(row -> done(row(kind, id.apply(row))));
                } catch (StoreRefusedException e) {
                    refusals++;
                    last = e;
                    if (part.size() == 1) {
                        bad.put(row(kind, id.apply(part.get(0))), e);
                    } else {
                        parts.add(part.subList(0, part.size() / 2));
                        parts.add(part.subList(part.size() / 2, part.size()));
                    }
                }
            }
            if (!anyDone && last != null) { // nothing of this kind succeeded
                StoreRefusedException all = last;
                parts.forEach(part -> part.forEach(row -> bad.put(row(kind, id.apply(row)), all)));
            }
        } finally {
            refused(kind, bad);
        }
        bad.keySet().forEach(row -> refused.add(row.id()));
        parts.forEach(part -> part.forEach(row -> refused.add(id.apply(row))));
    }

    private boolean isOver(long start, int refusals) {
        return refusals >= MOST_REFUSALS
                || (refusals >= FEW_REFUSALS && System.nanoTime() - start >= longestRound.toNanos());
    }

    private static Row row(Kind kind, String id) {
        return new Row(kind.name(), kind.group(), id);
    }

    private boolean isDue(Row row) {
        Standing before = standing.get(row);
        return before == null || System.nanoTime() - before.again() >= 0;
    }

    private void refused(Kind kind, Map<Row, StoreRefusedException> bad) {
        forgetOld();
        Map<String, Set<String>> news = new LinkedHashMap<>();
        bad.forEach((row, refusal) -> {
            Standing before = standing.get(row);
            String reason = String.valueOf(refusal.getMessage());
            Duration pause =
                    before == null ? firstPause : shorter(before.pause().multipliedBy(2), longestPause);
            standing.put(row, new Standing(refusal, reason, pause, System.nanoTime() + pause.toNanos()));
            if (before == null || !before.reason().equals(reason)) {
                news.computeIfAbsent(reason, key -> new LinkedHashSet<>()).add(row.id());
            }
        });
        news.forEach((reason, ids) -> logger.warn(
                "{} This is about children {} of group '{}'. Others are not affected, and {}.",
                reason.endsWith(".") ? reason : reason + ".",
                named(ids),
                kind.group(),
                kind.prospect()));
    }

    private static String named(Set<String> ids) {
        if (ids.size() <= MOST_NAMED) {
            return ids.toString();
        }
        return ids.stream().limit(MOST_NAMED).toList() + " and " + (ids.size() - MOST_NAMED) + " more";
    }

    /** Rows that were refused for the same reason are tried again soon, as they may have become possible too. */
    private void done(Row row) {
        Standing before = standing.remove(row);
        if (before != null) {
            logger.info("No longer refused: to {} child '{}' of group '{}'", row.kind(), row.id(), row.group());
            long now = System.nanoTime();
            standing.replaceAll((other, its) ->
                    Objects.equals(its.refusal().sqlState(), before.refusal().sqlState())
                                    && other.kind().equals(row.kind())
                            ? new Standing(its.refusal(), its.reason(), firstPause, now)
                            : its);
        }
    }

    /** Forgets refusals of children that are gone or belong to other peers by now. */
    private void forgetOld() {
        long now = System.nanoTime();
        standing.values().removeIf(one -> now - one.again() > longestPause.toNanos());
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    /** The last refusal of a child, if it still stands. */
    public Optional<StoreRefusedException> refusal(Kind kind, String id) {
        return Optional.ofNullable(standing.get(row(kind, id))).map(Standing::refusal);
    }
}
