package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.postgres.announcements.ChangeAnnouncer;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Entry;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.What;
import io.github.mirroredsupervisor.internal.postgres.children.ChildCommands.MoveRequest;
import io.github.mirroredsupervisor.internal.postgres.children.ChildGrants.Granted;
import io.github.mirroredsupervisor.internal.postgres.children.ChildGrants.Released;
import io.github.mirroredsupervisor.internal.postgres.children.ChildReports;
import io.github.mirroredsupervisor.internal.postgres.children.ChildReports.Written;
import io.github.mirroredsupervisor.internal.postgres.children.RowLocks;
import io.github.mirroredsupervisor.internal.postgres.children.StalledFences;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.connection.RefusedRows;
import io.github.mirroredsupervisor.internal.postgres.connection.RefusedRows.Kind;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import io.github.mirroredsupervisor.internal.store.WorkSession.Reported;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The transactions about the owners of children and their reports. */
final class OwnershipStatements {

    private static final Logger logger = LoggerFactory.getLogger(OwnershipStatements.class);

    /** Few enough rows that each statement is far shorter than its bound, unless the server is slow. */
    private static final int CHUNK = 1000;

    /**
     * Small enough that the ids, if they are not long, fit into one hint: the receiver then need not look at
     * everything.
     */
    private static final int HANDED_AT_ONCE = 400;

    private static final String GRANT = "grant";
    private static final String RELEASE = "release";
    private static final String REMOVE = "remove";

    private final PrivateConnection link;
    private final Tables tables;
    private final ChangeAnnouncer announcer;
    private final StalledFences stalled;
    private final RefusedRows refused;
    private final Duration wait;
    private final TokenStatements tokens;
    private final ChunkSize chunk = new ChunkSize(CHUNK);

    /** Children whose rows are known to be locked, as their group and id: each is logged once. */
    private final Set<List<String>> heldUp = new HashSet<>();

    OwnershipStatements(
            PrivateConnection link,
            Tables tables,
            ChangeAnnouncer announcer,
            Timeouts bounds,
            RefusedRows refused,
            TokenStatements tokens) {
        this.tokens = tokens;
        this.refused = refused;
        this.announcer = announcer;
        this.wait = bounds.certificateLock();
        this.link = link;
        this.stalled = new StalledFences(link);
        this.tables = tables;
    }

    Map<String, Long> grant(
            String group,
            PeerId me,
            Collection<OwnedToken> expected,
            StartCause cause,
            Map<String, ChildSpec> specs,
            @Nullable SessionLock lost) {
        Change change = (locks, some) -> grant(locks, group, me, some, cause, specs, lost);
        Outcome outcome = inTwoPasses(GRANT, expected, CHUNK, group, change);
        List<Granted> granted = new ArrayList<>(outcome.changed());
        List<OwnedToken> locked = expected.stream()
                .filter(one -> outcome.locked().contains(one.childId()))
                .toList();
        Set<PeerId> ended = stalled.end(locked);
        // Only theirs are waited for again: a row that stays locked would fail the others with it.
        List<OwnedToken> theirs = locked.stream()
                .filter(one -> one.owner() != null && ended.contains(one.owner()))
                .toList();
        granted.addAll(inTwoPasses(GRANT, theirs, CHUNK, group, change).changed());
        return granted.stream().collect(Collectors.toMap(Granted::id, Granted::token));
    }

    private List<Granted> grant(
            RowLocks locks,
            String group,
            PeerId me,
            Collection<OwnedToken> expected,
            StartCause cause,
            Map<String, ChildSpec> specs,
            @Nullable SessionLock lost) {
        List<Granted> granted = change(
                "grant children of group " + group,
                locks,
                jdbc -> lock(jdbc, group, expected),
                expected,
                (jdbc, some) -> tables.grants().grant(jdbc, locks, group, me, some, specs, lost));
        List<Granted> taken =
                granted.stream().filter(one -> !me.equals(one.from())).toList();
        if (!taken.isEmpty()) {
            Set<PeerId> former =
                    taken.stream().map(Granted::from).filter(Objects::nonNull).collect(Collectors.toSet());
            announcer.changedOf(former, What.GRANTED, group, entries(taken), me, cause.name());
        }
        return granted;
    }

    Set<String> release(String group, Collection<OwnedToken> expected, @Nullable PeerId target) {
        return inTwoPasses(
                        RELEASE, expected, HANDED_AT_ONCE, group, (locks, some) -> release(locks, group, some, target))
                .changed()
                .stream()
                .map(Granted::id)
                .collect(Collectors.toSet());
    }

    private List<Granted> release(
            RowLocks locks, String group, Collection<OwnedToken> expected, @Nullable PeerId target) {
        List<Released> released = change(
                "release children of group " + group,
                locks,
                jdbc -> lock(jdbc, group, expected),
                expected,
                (jdbc, some) -> tables.grants().release(jdbc, locks, group, some, target));
        List<Granted> children = released.stream().map(Released::child).toList();
        if (!released.isEmpty()) {
            PeerId heir = released.get(0).to(); // of one statement, so the same for all
            if (heir == null) {
                announcer.changed(What.RELEASED, group, entries(children), null, null);
            } else {
                announcer.handedTo(link, heir, group, entries(children));
            }
        }
        return children;
    }

    /** Why a child was not granted, if the database refused it. */
    Optional<StoreRefusedException> refusal(String group, String childId) {
        return refused.refusal(new Kind(GRANT, group), childId);
    }

    /** A row that is locked, or that the database refuses to change, is left for the next time. */
    boolean quarantine(String group, OwnedToken expected, String reason) {
        return alone("quarantine", group, expected.childId(), () -> quarantineOne(group, expected, reason))
                .isPresent();
    }

    /** Withdraws a move; no caller waits for the result. */
    Optional<MoveRequest> withdrawMove(String group, String childId, Supplier<Optional<MoveRequest>> withdrawal) {
        return alone("withdraw a move of", group, childId, withdrawal);
    }

    /** Changes one child of many that are decided about in the same round. */
    private <T> Optional<T> alone(String kind, String group, String childId, Supplier<Optional<T>> change) {
        return refused
                .change(
                        new Kind(kind, group),
                        List.of(childId),
                        id -> id,
                        one -> change.get().stream().toList())
                .changed()
                .stream()
                .findFirst();
    }

    private Optional<OwnedToken> quarantineOne(String group, OwnedToken expected, String reason) {
        boolean done = link.optionalTransaction(
                "quarantine child " + expected.childId() + " of group " + group,
                jdbc -> !tables.grants()
                                .lock(jdbc, RowLocks.SKIP, group, List.of(expected))
                                .isEmpty()
                        && tables.grants().quarantine(jdbc, group, expected, reason));
        if (!done) {
            return Optional.empty();
        }
        Entry quarantined = new Entry(expected.childId(), expected.token(), expected.owner());
        announcer.changed(What.QUARANTINED, group, List.of(quarantined), null, reason);
        return Optional.of(expected);
    }

    ChildRow rehearse(PeerId me) {
        ChildRow handed =
                link.rolledBack("rehearse a hand-over", jdbc -> new Rehearsal(tables, announcer).run(jdbc, me));
        // And a grant as a whole. The child does not exist, and neither does the group.
        grant(
                "rehearsal " + UUID.randomUUID(),
                me,
                List.of(OwnedToken.of(handed)),
                StartCause.TAKEN_OVER,
                Map.of(),
                new SessionLock(me, 0, ""));
        return handed;
    }

    Set<String> remove(String group, Collection<OwnedToken> expected, String reason) {
        tokens.exceed(expected);
        return inTwoPasses(REMOVE, expected, CHUNK, group, (locks, some) -> remove(locks, group, some, reason))
                .unwritten();
    }

    private List<Granted> remove(RowLocks locks, String group, Collection<OwnedToken> expected, String reason) {
        List<Granted> removed = link.optionalTransaction("remove children of group " + group, jdbc -> {
            limitWait(jdbc, locks);
            List<OwnedToken> locked = tables.grants().lock(jdbc, locks, group, expected);
            return locked.isEmpty() ? List.of() : tables.grants().remove(jdbc, group, locked);
        });
        if (!removed.isEmpty()) {
            announcer.changedOf(Set.of(), What.REMOVED, group, entries(removed), null, reason);
            announcer.answered(group, ids(removed, Granted::id));
        }
        return removed;
    }

    Reported report(String group, PeerId me, Collection<PhaseReport> reports, Set<String> awaited) {
        List<PhaseReport> merged = ChildReports.merged(reports);
        Kind kind = new Kind("report on", group);
        List<Written> written = new ArrayList<>();
        Set<String> unwritten = new HashSet<>();
        reportAll(kind, merged, written, unwritten, some -> report(RowLocks.SKIP, group, me, some, awaited));
        Set<String> done = ids(written, Written::childId);
        done.addAll(unwritten);
        List<PhaseReport> rest = merged.stream()
                .filter(report -> !done.contains(report.childId()))
                .toList();
        try {
            reportAll(kind, rest, written, unwritten, some -> report(RowLocks.WAIT, group, me, some, awaited));
            free(group, ids(merged, PhaseReport::childId));
        } catch (StoreUnavailableException e) {
            Set<String> ids = ids(written, Written::childId);
            free(group, ids);
            unwritten.addAll(locked(e, group, ids(rest, PhaseReport::childId), ids));
        }
        return new Reported(
                unwritten,
                written.stream().map(Written::row).filter(Objects::nonNull).toList());
    }

    private void reportAll(
            Kind kind,
            List<PhaseReport> reports,
            List<Written> written,
            Set<String> refusedOnes,
            RefusedRows.Change<PhaseReport, Written> report) {
        inChunks(reports, CHUNK, some -> {
            var outcome = refused.change(kind, some, PhaseReport::childId, report);
            written.addAll(outcome.changed());
            refusedOnes.addAll(outcome.refused());
        });
    }

    private List<Written> report(
            RowLocks locks, String group, PeerId me, List<PhaseReport> reports, Set<String> awaited) {
        List<Written> written = change(
                "report on children of group " + group,
                locks,
                jdbc -> tables.reports().lock(jdbc, group, me, reports),
                reports,
                (jdbc, some) -> tables.reports().report(jdbc, locks, group, me, some, awaited));
        Set<String> ids = ids(written, Written::childId);
        announcer.answered(
                group,
                reports.stream()
                        .filter(report -> report.answers() != null && ids.contains(report.childId()))
                        .map(PhaseReport::childId)
                        .toList());
        return written;
    }

    /**
     * Changes the rows that are free by one statement that waits for nothing, or all of them after a wait for their
     * locks.
     *
     * @param lock locks the rows that are as expected, and returns what was expected of them
     */
    private <E, T> List<T> change(
            String task,
            RowLocks locks,
            Function<JdbcClient, List<E>> lock,
            Collection<E> expected,
            BiFunction<JdbcClient, Collection<E>, List<T>> change) {
        if (locks == RowLocks.SKIP) {
            return link.optional(task, jdbc -> change.apply(jdbc, expected));
        }
        return link.optionalTransaction(task, jdbc -> {
            limitWait(jdbc, locks);
            List<E> locked = lock.apply(jdbc);
            return locked.isEmpty() ? List.of() : change.apply(jdbc, locked);
        });
    }

    private List<OwnedToken> lock(JdbcClient jdbc, String group, Collection<OwnedToken> expected) {
        return tables.grants().lock(jdbc, RowLocks.WAIT, group, expected);
    }

    /** A locked row must not delay the other tasks of the work thread. */
    private void limitWait(JdbcClient jdbc, RowLocks locks) {
        if (locks == RowLocks.WAIT) {
            tables.peers().limitLockWait(jdbc, wait);
        }
    }

    /**
     * Changes first the free rows, then those that other sessions hold. Rows that stay locked or are refused stay
     * unchanged until the next time.
     */
    private Outcome inTwoPasses(String name, Collection<OwnedToken> expected, int most, String group, Change change) {
        Kind kind = new Kind(name, group);
        List<Granted> changed = new ArrayList<>();
        Set<String> unwilling = new HashSet<>();
        pass(kind, expected, most, changed, unwilling, some -> change.of(RowLocks.SKIP, some));
        Set<String> done = ids(changed, Granted::id);
        done.addAll(unwilling);
        List<OwnedToken> rest =
                expected.stream().filter(one -> !done.contains(one.childId())).toList();
        try {
            pass(kind, rest, most, changed, unwilling, some -> change.of(RowLocks.WAIT, some));
            return new Outcome(changed, free(group, ids(expected, OwnedToken::childId)), unwilling);
        } catch (StoreUnavailableException e) {
            Set<String> written = ids(changed, Granted::id);
            free(group, written);
            return new Outcome(changed, locked(e, group, ids(rest, OwnedToken::childId), written), unwilling);
        }
    }

    private void pass(
            Kind kind,
            Collection<OwnedToken> expected,
            int most,
            List<Granted> changed,
            Set<String> unwilling,
            RefusedRows.Change<OwnedToken, Granted> change) {
        inChunks(expected, most, some -> {
            var outcome = refused.change(kind, some, OwnedToken::childId, change);
            changed.addAll(outcome.changed());
            unwilling.addAll(outcome.refused());
        });
    }

    private <T> void inChunks(Collection<T> all, int most, Consumer<List<T>> change) {
        List<T> left = List.copyOf(all);
        while (!left.isEmpty()) {
            int rows = Math.min(left.size(), Math.min(most, chunk.rows()));
            try {
                change.accept(left.subList(0, rows));
            } catch (StoreUnavailableException e) {
                if (!SqlStates.isLockTimeout(e)) {
                    chunk.unanswered();
                }
                throw e;
            }
            chunk.answered(rows);
            left = left.subList(rows, left.size());
        }
    }

    /** Forgets that these were locked. Returns the empty set of locked children. */
    private Set<String> free(String group, Set<String> ids) {
        ids.forEach(id -> heldUp.remove(List.of(group, id)));
        return Set.of();
    }

    /** The children whose rows stay locked, if a lock ended the wait. Logs a warning if some of them are new. */
    private Set<String> locked(StoreUnavailableException failure, String group, Set<String> waited, Set<String> done) {
        if (!SqlStates.isLockTimeout(failure)) {
            throw failure;
        }
        Set<String> locked = new HashSet<>(waited);
        locked.removeAll(done);
        boolean news = false;
        for (String id : locked) {
            news |= heldUp.add(List.of(group, id));
        }
        if (news) {
            logger.warn(
                    "The rows of some children of group {} cannot be written, as another session keeps them locked. The"
                            + " others are not affected, and these are tried again.",
                    group);
        }
        return locked;
    }

    private static <T> Set<String> ids(Collection<T> all, Function<T, String> id) {
        return all.stream().map(id).collect(Collectors.toSet());
    }

    private static List<Entry> entries(List<Granted> changed) {
        return changed.stream()
                .map(one -> new Entry(one.id(), one.token(), one.from()))
                .toList();
    }

    /** The changed children, those whose rows stay locked, and those that the database refused to change. */
    private record Outcome(List<Granted> changed, Set<String> locked, Set<String> refused) {

        Set<String> unwritten() {
            Set<String> ids = new HashSet<>(locked);
            ids.addAll(refused);
            return ids;
        }
    }

    /** One pass over some children, as a separate transaction. */
    @FunctionalInterface
    private interface Change {
        List<Granted> of(RowLocks locks, Collection<OwnedToken> expected);
    }
}
