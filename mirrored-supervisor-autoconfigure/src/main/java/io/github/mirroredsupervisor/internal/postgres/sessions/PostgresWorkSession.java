package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.postgres.announcements.ChangeAnnouncer;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Entry;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Event;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Purged;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.What;
import io.github.mirroredsupervisor.internal.postgres.children.ChildCommands.MoveRequest;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.connection.RefusedRows;
import io.github.mirroredsupervisor.internal.postgres.connection.RefusedRows.Kind;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Death;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.store.rows.GroupView;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import io.github.mirroredsupervisor.internal.store.rows.Stranger;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The work connection: combines the tables' statements into the transactions that a peer needs. */
final class PostgresWorkSession implements WorkSession {

    private final PrivateConnection link;
    private final Tables tables;
    private final ChangeAnnouncer announcer;
    private final Timeouts bounds;
    private final PeerStatements peers;
    private final OwnershipStatements ownership;
    private final RefusedRows refused;
    private final TokenStatements tokens;

    /** Where the next part of a long purge continues; null if it starts from the beginning. */
    private @Nullable OffsetDateTime purgedUpTo;

    /**
     * A session that is not connected yet.
     *
     * @param announcer announces what is committed here; closed with this session
     */
    PostgresWorkSession(PrivateConnection link, Tables tables, ChangeAnnouncer announcer, Timeouts bounds) {
        this.link = link;
        this.tables = tables;
        this.announcer = announcer;
        this.bounds = bounds;
        this.refused = new RefusedRows(bounds.certificateLock().multipliedBy(2), bounds.lease());
        this.tokens = new TokenStatements(link, tables, bounds);
        this.peers = new PeerStatements(link, tables, announcer, bounds, refused, tokens);
        this.ownership = new OwnershipStatements(link, tables, announcer, bounds, refused, tokens);
    }

    @Override
    public long answered() {
        return link.answers();
    }

    @Override
    public List<GroupRow> join(JoinRequest request) {
        return peers.join(request);
    }

    @Override
    public Optional<Stranger> stranger(String group, PeerId me, String origin) {
        return link.call(
                "look for members of other applications in group " + group,
                jdbc -> tables.members().stranger(jdbc, group, me, origin));
    }

    @Override
    public boolean certify(PeerId me, PeerId victim, Heartbeat last) {
        return peers.certify(me, victim, last);
    }

    @Override
    public void leaving(PeerId me) {
        peers.leaving(me);
    }

    @Override
    public void leave(PeerId me) {
        peers.leave(me);
    }

    @Override
    public void cordon(PeerId peer, boolean cordoned) {
        peers.cordon(peer, cordoned);
    }

    @Override
    public Map<String, Long> grant(
            String group, PeerId me, Collection<OwnedToken> expected, StartCause cause, Map<String, ChildSpec> specs) {
        return ownership.grant(group, me, expected, cause, specs, null);
    }

    @Override
    public List<ChildRow> immediate(String group, PeerId owner) {
        return link.call(
                "read the children of peer " + owner + " in group " + group,
                jdbc -> tables.reads().immediate(jdbc, group, owner));
    }

    @Override
    public Map<String, Long> takeOver(
            String group, PeerId me, Collection<OwnedToken> expected, SessionLock lost, Map<String, ChildSpec> specs) {
        return ownership.grant(group, me, expected, StartCause.TAKEN_OVER, specs, lost);
    }

    @Override
    public Set<String> release(String group, Collection<OwnedToken> expected, @Nullable PeerId target) {
        return ownership.release(group, expected, target);
    }

    @Override
    public boolean quarantine(String group, OwnedToken expected, String reason) {
        return ownership.quarantine(group, expected, reason);
    }

    @Override
    public long raiseTokens(long above) {
        return tokens.raise(above);
    }

    @Override
    public ChildRow rehearse(PeerId me) {
        return ownership.rehearse(me);
    }

    @Override
    public Set<String> remove(String group, Collection<OwnedToken> expected, String reason) {
        return ownership.remove(group, expected, reason);
    }

    @Override
    public Reported report(String group, PeerId me, Collection<PhaseReport> reports, Set<String> awaited) {
        return ownership.report(group, me, reports, awaited);
    }

    @Override
    public @Nullable ChildRow insert(String group, ChildSpec spec, PeerId owner) {
        return insert(group, List.of(spec), owner).stream().findFirst().orElse(null);
    }

    @Override
    public List<ChildRow> insert(String group, Collection<ChildSpec> specs, PeerId owner) {
        List<ChildRow> written = link.transaction(
                "insert children into group " + group, jdbc -> tables.commands().insert(jdbc, group, specs, owner));
        if (!written.isEmpty()) {
            announcer.record(Event.now(What.CREATED, group, created(written), owner, null));
        }
        return written;
    }

    @Override
    public List<ChildRow> offer(String group, Collection<ChildSpec> specs) {
        List<ChildRow> written = link.transaction(
                "offer children of group " + group, jdbc -> tables.commands().insert(jdbc, group, specs, null));
        if (!written.isEmpty()) {
            announcer.asked(null, What.CREATED, group, created(written), null, null);
        }
        return written;
    }

    private static List<Entry> created(List<ChildRow> written) {
        return written.stream()
                .map(row -> new Entry(row.id(), row.token(), null))
                .toList();
    }

    @Override
    public @Nullable ChildRow command(
            String group,
            String childId,
            long expectedRevision,
            ChildRow.Command command,
            DesiredState desired,
            @Nullable ChildSpec spec) {
        ChildRow commanded = link.transaction(
                        "command child " + childId + " of group " + group,
                        jdbc -> tables.commands()
                                .command(jdbc, group, childId, expectedRevision, command, desired, spec))
                .orElse(null);
        if (commanded != null) {
            Entry entry = new Entry(commanded.id(), commanded.token(), commanded.owner());
            PeerId owner = commanded.isOrphan() ? null : commanded.owner();
            announcer.asked(owner, What.COMMANDED, group, List.of(entry), null, command.name());
        }
        return commanded;
    }

    @Override
    public Optional<StoreRefusedException> refusal(String group, String childId) {
        return ownership.refusal(group, childId);
    }

    @Override
    public boolean requestMove(String group, String childId, long expectedRevision, @Nullable PeerId target) {
        PrivateConnection.Work<JdbcClient, Optional<MoveRequest>> request =
                jdbc -> tables.commands().requestMove(jdbc, group, childId, expectedRevision, target);
        String child = "child " + childId + " of group " + group;
        MoveRequest done = (target == null
                        ? ownership.withdrawMove(
                                group, childId, () -> link.optionalTransaction("withdraw a move of " + child, request))
                        : link.transaction("ask to move " + child, request))
                .orElse(null);
        if (done == null) {
            return false;
        }
        announcer.asked(done.owner(), What.MOVE_REQUESTED, group, Entry.ofChildren(List.of(childId)), target, null);
        if (target == null) {
            announcer.answered(group, List.of(childId));
        }
        return true;
    }

    @Override
    public void awaits(String group, ChildRow row) {
        PeerId owner = row.owner();
        if (owner != null && !row.isOrphan()) {
            announcer.awaits(owner, group, row.id());
        }
    }

    @Override
    public boolean delete(String group, OwnedToken expected, long expectedRevision) {
        boolean done =
                delete(group, expected, jdbc -> tables.commands().delete(jdbc, group, expected, expectedRevision));
        PeerId owner = expected.owner();
        if (done && owner != null) {
            announcer.changedOf(Set.of(owner), What.DELETED, group, deleted(expected), null, null);
            announcer.answered(group, List.of(expected.childId()));
        } else if (done) {
            announcer.changed(What.DELETED, group, deleted(expected), null, null);
        }
        return done;
    }

    @Override
    public boolean deleteOrphan(String group, OwnedToken expected, long expectedRevision) {
        boolean done = delete(
                group, expected, jdbc -> tables.commands().deleteOrphan(jdbc, group, expected, expectedRevision));
        if (done) {
            announcer.changed(What.DELETED, group, deleted(expected), null, null);
        }
        return done;
    }

    private boolean delete(String group, OwnedToken expected, Predicate<JdbcClient> statement) {
        tokens.exceed(List.of(expected));
        return link.transaction("delete child " + expected.childId() + " of group " + group, statement::test);
    }

    private static List<Entry> deleted(OwnedToken expected) {
        return Entry.ofChildren(List.of(expected.childId()));
    }

    @Override
    public boolean terminateGroup(String group, Cause cause, String reason, PeerId by) {
        boolean done = link.transaction("terminate group " + group, jdbc -> {
            tables.peers().limitLockWait(jdbc, bounds.groupLock());
            return tables.groups().terminate(jdbc, group, cause, reason);
        });
        if (done) {
            groupChanged(What.GROUP_TERMINATED, group, by, reason);
        }
        return done;
    }

    @Override
    public boolean reviveGroup(String group, PeerId by, @Nullable Death from) {
        boolean done = link.transaction("revive group " + group, jdbc -> {
            tables.peers().limitLockWait(jdbc, bounds.groupLock());
            return tables.groups().revive(jdbc, group, from);
        });
        if (done) {
            groupChanged(What.GROUP_REVIVED, group, by, null);
        }
        return done;
    }

    @Override
    public void restoreGroup(String group, Flags flags) {
        link.call("write group " + group + " again", jdbc -> {
            tables.groups().insertIfMissing(jdbc, group, flags);
            return true;
        });
    }

    @Override
    public Set<String> missing(String group, Collection<String> declared) {
        return link.call(
                "look for the declared children of group " + group,
                jdbc -> tables.commands().missing(jdbc, group, declared));
    }

    @Override
    public Set<String> declare(String group, List<ChildSpec> declared) {
        Set<String> written = Set.copyOf(refused.change(
                        PeerStatements.declaring(group),
                        PeerStatements.returning(group, declared),
                        PeerStatements::childId,
                        some -> link.optionalTransaction(
                                "declare children of group " + group,
                                jdbc -> tables.commands().declare(jdbc, some)))
                .changed());
        if (!written.isEmpty()) {
            announcer.changed(What.CREATED, group, Entry.ofChildren(written), null, "its row was lost");
        }
        return written;
    }

    @Override
    public Set<String> undeclared(String group) {
        return link.call(
                "look for children of group " + group + " that nobody declares",
                jdbc -> tables.commands().undeclared(jdbc, group));
    }

    @Override
    public Set<String> removeUndeclared(String group, Set<String> childIds) {
        List<String> told = refused.change(
                        new Kind("command the removal of", group),
                        childIds,
                        id -> id,
                        some -> link.optionalTransaction(
                                "remove children of group " + group + " that nobody declares",
                                jdbc -> tables.commands().removeUndeclared(jdbc, group, some)))
                .changed();
        if (!told.isEmpty()) {
            announcer.changed(What.COMMANDED, group, Entry.ofChildren(told), null, "no live member declares it");
        }
        return Set.copyOf(told);
    }

    @Override
    public Set<String> redeclare(String group, Set<String> childIds) {
        return refused.<String, String>change(
                        new Kind("forget the removal of", group),
                        childIds,
                        id -> id,
                        some -> link.optional(
                                "look for removed children of group " + group + " that somebody declares", jdbc -> {
                                    tables.commands().redeclare(jdbc, group, some);
                                    return List.of();
                                }))
                .refused();
    }

    @Override
    public void touch(String group) {
        announcer.changed(List.of(group), List.of());
    }

    @Override
    public boolean awaitTold(Duration limit) {
        return announcer.await(limit);
    }

    /** Reads the group first: a concurrent change raises its revision, and is seen the next time. */
    @Override
    public GroupView view(String group, PeerId me) {
        return link.call("read group " + group, jdbc -> {
            GroupRow row = tables.groups().find(jdbc, group).orElse(null);
            return new GroupView(
                    row, tables.members().list(jdbc, group), tables.reads().toActOn(jdbc, group, me));
        });
    }

    @Override
    public String digest(String group, PeerId me) {
        return link.call(
                "read the digest of group " + group, jdbc -> tables.reads().digest(jdbc, group, me));
    }

    @Override
    public List<ChildRow> rows(String group, Set<String> childIds) {
        return link.call(
                "read children of group " + group, jdbc -> tables.reads().some(jdbc, group, childIds));
    }

    @Override
    public List<ChildRow> allRows(String group) {
        return link.call(
                "read the children of group " + group, jdbc -> tables.reads().all(jdbc, group));
    }

    @Override
    public ChildCounts counts(String group) {
        return link.call(
                "count the children of group " + group, jdbc -> tables.reads().count(jdbc, group));
    }

    @Override
    public boolean hasActiveSignificant(String group) {
        return link.call(
                "look for significant children of group " + group,
                jdbc -> tables.reads().hasActiveSignificant(jdbc, group));
    }

    @Override
    public List<MemberRow> members(String group) {
        return link.call(
                "read the members of group " + group, jdbc -> tables.members().listCounted(jdbc, group));
    }

    @Override
    public Optional<GroupRow> group(String group) {
        return link.call("read group " + group, jdbc -> tables.groups().find(jdbc, group));
    }

    @Override
    public int purgePeers(Duration olderThan, int most) {
        return link.call("purge peers", jdbc -> tables.peers().purge(jdbc, olderThan, most));
    }

    @Override
    public int purgeHistory(Duration olderThan, int most) {
        Purged purged = link.call("purge history", jdbc -> tables.history().purge(jdbc, olderThan, purgedUpTo, most));
        purgedUpTo = purged.rows() < most ? null : purged.last();
        return purged.rows();
    }

    @Override
    public void rest() {
        link.release();
    }

    @Override
    public void close() {
        announcer.close();
        link.close();
    }

    private void groupChanged(What what, String group, PeerId by, @Nullable String why) {
        announcer.changed(List.of(group), List.of(Event.now(what, group, List.of(Entry.GROUP), by, why)));
    }
}
