package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.mirror.ChildRow;
import io.github.mirroredsupervisor.mirror.GroupRow;
import io.github.mirroredsupervisor.mirror.GroupRow.Cause;
import io.github.mirroredsupervisor.mirror.GroupRow.Death;
import io.github.mirroredsupervisor.mirror.GroupView;
import io.github.mirroredsupervisor.mirror.JoinRequest;
import io.github.mirroredsupervisor.mirror.MemberRow;
import io.github.mirroredsupervisor.mirror.OwnedToken;
import io.github.mirroredsupervisor.mirror.PhaseReport;
import io.github.mirroredsupervisor.mirror.SessionLock;
import io.github.mirroredsupervisor.mirror.Stranger;
import io.github.mirroredsupervisor.mirror.WorkSession;
import io.github.mirroredsupervisor.postgres.HistoryTable.Entry;
import io.github.mirroredsupervisor.postgres.HistoryTable.What;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The work connection: composes the tables' statements into the transactions that a peer needs. */
final class PostgresWorkSession implements WorkSession {

    private final Link link;
    private final Tables tables;
    private final Hints hints;
    private final PeerWork peers;
    private final OwnershipWork ownership;

    PostgresWorkSession(Link link, Tables tables, Hints hints, Bounds bounds) {
        this.link = link;
        this.tables = tables;
        this.hints = hints;
        this.peers = new PeerWork(link, tables, hints, bounds);
        this.ownership = new OwnershipWork(link, tables, hints, bounds);
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
    public boolean certify(PeerId me, PeerId victim, long seq) {
        return peers.certify(me, victim, seq);
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
    public long lastToken() {
        return link.call("read the last token", jdbc -> tables.sequences().lastToken(jdbc));
    }

    @Override
    public long raiseTokens(long above) {
        return peers.raiseTokens(above);
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
    public Set<String> report(String group, PeerId me, Collection<PhaseReport> reports) {
        return ownership.report(group, me, reports);
    }

    @Override
    public @Nullable ChildRow insert(String group, ChildSpec spec, PeerId owner) {
        return insert(group, List.of(spec), owner).stream().findFirst().orElse(null);
    }

    @Override
    public List<ChildRow> insert(String group, Collection<ChildSpec> specs, PeerId owner) {
        return link.transaction("insert children into group " + group, jdbc -> {
            List<ChildRow> written = tables.commands().insert(jdbc, group, specs, owner);
            if (!written.isEmpty()) {
                List<Entry> entries = written.stream()
                        .map(row -> new Entry(row.id(), row.token(), null))
                        .toList();
                tables.history().add(jdbc, What.CREATED, group, entries, owner, null);
            }
            return written;
        });
    }

    @Override
    public List<ChildRow> offer(String group, Collection<ChildSpec> specs) {
        return link.transaction("offer children of group " + group, jdbc -> {
            List<ChildRow> written = tables.commands().insert(jdbc, group, specs, null);
            if (!written.isEmpty()) {
                List<Entry> entries = written.stream()
                        .map(row -> new Entry(row.id(), row.token(), null))
                        .toList();
                tables.history().add(jdbc, What.CREATED, group, entries, null, null);
                Set<String> ids = written.stream().map(ChildRow::id).collect(Collectors.toSet());
                tables.groups().touch(jdbc, List.of(group), hints.of(group, ids));
            }
            return written;
        });
    }

    @Override
    public @Nullable ChildRow command(
            String group,
            String childId,
            long expectedRevision,
            ChildRow.Command command,
            DesiredState desired,
            @Nullable ChildSpec spec) {
        Optional<ChildRow> commanded = link.transaction("command child " + childId + " of group " + group, jdbc -> {
            Optional<ChildRow> written =
                    tables.commands().command(jdbc, group, childId, expectedRevision, command, desired, spec);
            written.ifPresent(row -> {
                Entry entry = new Entry(row.id(), row.token(), row.owner());
                tables.history().add(jdbc, What.COMMANDED, group, List.of(entry), null, command.name());
                touch(jdbc, group, row.id());
            });
            return written;
        });
        return commanded.orElse(null);
    }

    @Override
    public boolean requestMove(String group, String childId, long expectedRevision, @Nullable PeerId target) {
        return link.transaction("ask to move child " + childId + " of group " + group, jdbc -> {
            if (!tables.commands().requestMove(jdbc, group, childId, expectedRevision, target)) {
                return false;
            }
            Entry entry = new Entry(childId, null, null);
            tables.history().add(jdbc, What.MOVE_REQUESTED, group, List.of(entry), target, null);
            touch(jdbc, group, childId);
            return true;
        });
    }

    @Override
    public boolean delete(String group, String childId, long expectedRevision) {
        return delete(group, childId, jdbc -> tables.commands().delete(jdbc, group, childId, expectedRevision));
    }

    @Override
    public boolean deleteOrphan(String group, OwnedToken expected, long expectedRevision) {
        return delete(
                group,
                expected.childId(),
                jdbc -> tables.commands().deleteOrphan(jdbc, group, expected, expectedRevision));
    }

    private boolean delete(String group, String childId, Predicate<JdbcClient> statement) {
        return link.transaction("delete child " + childId + " of group " + group, jdbc -> {
            if (!statement.test(jdbc)) {
                return false;
            }
            Entry entry = new Entry(childId, null, null);
            tables.history().add(jdbc, What.DELETED, group, List.of(entry), null, null);
            touch(jdbc, group, childId);
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
        return link.transaction("declare children of group " + group, jdbc -> {
            Set<String> written = tables.commands().declare(jdbc, PeerWork.declared(group, declared));
            if (!written.isEmpty()) {
                List<Entry> entries =
                        written.stream().map(id -> new Entry(id, null, null)).toList();
                tables.history().add(jdbc, What.CREATED, group, entries, null, "its row was lost");
                tables.groups().touch(jdbc, List.of(group), hints.of(group, written));
            }
            return written;
        });
    }

    @Override
    public void touch(String group) {
        link.transaction("have all of group " + group + " compared", jdbc -> {
            tables.groups().touch(jdbc, List.of(group), hints.of(group));
            return true;
        });
    }

    @Override
    public boolean terminateGroup(String group, Cause cause, String reason, PeerId by) {
        return link.transaction("terminate group " + group, jdbc -> {
            boolean done = tables.groups().terminate(jdbc, group, cause, reason);
            if (done) {
                groupChanged(jdbc, What.GROUP_TERMINATED, group, by, reason);
            }
            return done;
        });
    }

    @Override
    public boolean reviveGroup(String group, PeerId by, @Nullable Death from) {
        return link.transaction("revive group " + group, jdbc -> {
            boolean done = tables.groups().revive(jdbc, group, from);
            if (done) {
                groupChanged(jdbc, What.GROUP_REVIVED, group, by, null);
            }
            return done;
        });
    }

    /** Reads the group first: a change that comes in between raises its revision, and is seen the next time. */
    @Override
    public GroupView view(String group, PeerId me) {
        return link.call("read group " + group, jdbc -> {
            GroupRow row = tables.groups().find(jdbc, group).orElse(null);
            if (row == null) {
                throw new IllegalStateException("there is no group " + group + "; somebody deleted its row");
            }
            return new GroupView(
                    row, tables.members().list(jdbc, group), tables.reads().toActOn(jdbc, group, me));
        });
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
                "read the members of group " + group, jdbc -> tables.members().list(jdbc, group));
    }

    @Override
    public Optional<GroupRow> group(String group) {
        return link.call("read group " + group, jdbc -> tables.groups().find(jdbc, group));
    }

    @Override
    public int purgePeers(Duration olderThan) {
        return link.call("purge peers", jdbc -> tables.peers().purge(jdbc, olderThan));
    }

    @Override
    public int purgeHistory(Duration olderThan) {
        return link.call("purge history", jdbc -> tables.history().purge(jdbc, olderThan));
    }

    @Override
    public void close() {
        link.close();
    }

    private void groupChanged(JdbcClient jdbc, What what, String group, PeerId by, @Nullable String why) {
        tables.history().add(jdbc, what, group, List.of(Entry.GROUP), by, why);
        tables.groups().touch(jdbc, List.of(group), hints.of(group));
    }

    private void touch(JdbcClient jdbc, String group, String childId) {
        tables.groups().touch(jdbc, List.of(group), hints.of(group, Set.of(childId)));
    }
}
