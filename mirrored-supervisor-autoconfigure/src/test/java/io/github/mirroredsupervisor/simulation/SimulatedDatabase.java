package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildKind;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.contract.StoreContract;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Death;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.GroupView;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest.Membership;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.GroupBeat;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.PeerBeat;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a store, in memory, for one thread: each method is one transaction, and none waits for another. Its
 * contract is {@link StoreContract}.
 */
public final class SimulatedDatabase {

    private static final Comparator<Map.Entry<PeerId, SimulatedRows.PeerEntry>> BY_JOIN_ORDER =
            Comparator.comparingLong(peer -> peer.getValue().joinOrder);

    private final LongSupplier nanoTime;
    private final int predecessors;
    private final int observersOfAll;
    private final Map<PeerId, SimulatedRows.PeerEntry> peers = new LinkedHashMap<>();
    private final Map<String, SimulatedRows.GroupEntry> groups = new TreeMap<>();
    private final List<Long> history = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();

    /** The peers that wait for answers, by group and child. */
    private final Map<List<String>, Set<PeerId>> askers = new HashMap<>();

    private BiConsumer<PeerId, Long> onDeath = (victim, renewedAt) -> {};
    private Consumer<PeerId> onGrantByWhatWasForgotten = owner -> {};

    /** Whether the next hint or change of a group's revision, which follow a transaction, is carried out. */
    private BooleanSupplier telling = () -> true;

    private final SimulatedSessions sessions = new SimulatedSessions();
    private long joinOrder;
    private long tokenFloor;
    private long lastClock;
    private long startOrder = 1_000_000;
    private long lastStamp;

    /** Whether the clock was set back, so that its time is no lower bound for new tokens. */
    private boolean isClockSetBack;

    /** The content of a backup. */
    record Copy(
            Map<PeerId, SimulatedRows.PeerEntry> peers,
            Map<String, SimulatedRows.GroupEntry> groups,
            long joinOrder,
            long tokenFloor,
            long startOrder) {}

    /** Receives the hints that a transaction sent to the members of its groups, or to its peer. */
    interface Listener {
        /** Whose own hints it does not receive. */
        Object store();

        PeerId peer();

        Set<String> groups();

        void hinted(Hint hint);
    }

    public SimulatedDatabase(LongSupplier nanoTime) {
        this(nanoTime, Renewal.PREDECESSORS, Renewal.OBSERVERS_OF_ALL);
    }

    /**
     * A database without rows.
     *
     * @param predecessors see {@link Renewal#PREDECESSORS}
     * @param observersOfAll see {@link Renewal#OBSERVERS_OF_ALL}
     */
    SimulatedDatabase(LongSupplier nanoTime, int predecessors, int observersOfAll) {
        this.nanoTime = nanoTime;
        this.predecessors = predecessors;
        this.observersOfAll = observersOfAll;
    }

    Copy copy() {
        Map<PeerId, SimulatedRows.PeerEntry> peersNow = new LinkedHashMap<>();
        peers.forEach((id, peer) -> peersNow.put(id, peer.copy()));
        Map<String, SimulatedRows.GroupEntry> groupsNow = new TreeMap<>();
        groups.forEach((name, group) -> groupsNow.put(name, group.copy()));
        return new Copy(peersNow, groupsNow, joinOrder, tokenFloor, startOrder);
    }

    /** Restores the backup; everything committed since is lost. */
    void restore(Copy copy) {
        peers.clear();
        copy.peers().forEach((id, peer) -> peers.put(id, peer.copy()));
        groups.clear();
        copy.groups().forEach((name, group) -> groups.put(name, group.copy()));
        joinOrder = copy.joinOrder();
        tokenFloor = copy.tokenFloor();
        startOrder = copy.startOrder();
    }

    /** From now on the clock is no bound for the tokens that were granted. */
    void setClockBack() {
        isClockSetBack = true;
    }

    /** Receives each peer that a certificate declared dead, and when it had renewed last. */
    void onDeath(BiConsumer<PeerId, Long> listener) {
        onDeath = listener;
    }

    /** Receives each peer that was granted a child by rows that contradict earlier answers. */
    void onGrantByWhatWasForgotten(Consumer<PeerId> listener) {
        onGrantByWhatWasForgotten = listener;
    }

    /**
     * Called for each hint and each revision. Neither is part of a transaction, and the sender may die before it, or
     * fail.
     */
    void telling(BooleanSupplier value) {
        telling = value;
    }

    /** The last token that was granted for a child of any group; null if there is no such child. */
    @Nullable
    Long token(String child) {
        return groups.values().stream()
                .map(group -> group.children.get(child))
                .filter(Objects::nonNull)
                .map(found -> found.token)
                .findFirst()
                .orElse(null);
    }

    void listen(Listener listener) {
        listeners.add(listener);
    }

    void listenNoMore(Listener listener) {
        listeners.remove(listener);
    }

    SimulatedSessions sessions() {
        return sessions;
    }

    /** Never returns the same instant twice, so that simultaneous events have an order. */
    private Instant now() {
        lastStamp = Math.max(lastStamp + 1000, nanoTime.getAsLong());
        return Instant.EPOCH.plusNanos(lastStamp);
    }

    /** Something that each member of the group may have something to do about. */
    private void touch(Object sender, String group, Set<String> ids) {
        raise(entry(group));
        if (telling.getAsBoolean()) {
            tellMembers(sender, group, ids);
        }
    }

    /** Something that only these peers have to do with. */
    private void touch(Object sender, String group, Set<String> ids, Set<PeerId> concerned) {
        raise(entry(group));
        if (telling.getAsBoolean()) {
            tell(sender, concerned, new Hint(group, ids, false));
        }
    }

    /** A command whose sender waits for the answer of the owner, or of whoever claims the child. */
    private void ask(Object sender, String group, Set<String> ids, @Nullable PeerId owner) {
        raise(entry(group));
        if (telling.getAsBoolean()) {
            asks(sender, group, ids);
            if (isAlive(owner)) {
                tell(sender, Set.of(owner), new Hint(group, ids, false));
            } else {
                tellMembers(sender, group, ids);
            }
        }
    }

    void awaits(Object sender, String group, ChildRow row) {
        PeerId owner = row.owner();
        if (owner != null && !row.isOrphan() && telling.getAsBoolean()) {
            asks(sender, group, Set.of(row.id()));
            tell(sender, Set.of(owner), new Hint(group, Set.of(row.id()), true));
        }
    }

    private void asks(Object sender, String group, Set<String> ids) {
        for (Listener listener : listeners) {
            if (listener.store() == sender) {
                ids.forEach(id -> askers.computeIfAbsent(List.of(group, id), child -> new HashSet<>())
                        .add(listener.peer()));
            }
        }
    }

    private void answer(Object sender, String group, Set<String> ids) {
        Set<PeerId> waiting = new HashSet<>();
        ids.forEach(id -> waiting.addAll(Objects.requireNonNullElse(askers.remove(List.of(group, id)), Set.of())));
        tell(sender, waiting, new Hint(group, Set.of(), true));
    }

    private void tellMembers(Object sender, String group, Set<String> ids) {
        Hint hint = new Hint(group, ids, false);
        for (Listener listener : List.copyOf(listeners)) {
            if (listener.store() != sender && listener.groups().contains(group)) {
                listener.hinted(hint);
            }
        }
    }

    private void tell(Object sender, Set<PeerId> peers, Hint hint) {
        for (Listener listener : List.copyOf(listeners)) {
            if (listener.store() != sender && peers.contains(listener.peer())) {
                listener.hinted(hint);
            }
        }
    }

    private void raise(SimulatedRows.GroupEntry group) {
        if (telling.getAsBoolean()) {
            group.revision++;
        }
    }

    private void record() {
        history.add(nanoTime.getAsLong());
    }

    private SimulatedRows.GroupEntry entry(String group) {
        return Objects.requireNonNull(groups.get(group), () -> "no group " + group);
    }

    private boolean hasNotForgotten(PeerId peer, long confirmed) {
        return isAlive(peer) && Objects.requireNonNull(peers.get(peer)).seq >= confirmed;
    }

    private boolean isAlive(@Nullable PeerId peer) {
        SimulatedRows.PeerEntry entry = peer == null ? null : peers.get(peer);
        return entry != null && entry.state == PeerState.ALIVE;
    }

    @Nullable
    PeerState stateOf(PeerId peer) {
        SimulatedRows.PeerEntry entry = peers.get(peer);
        return entry == null ? null : entry.state;
    }

    // ---- peers

    List<GroupRow> join(Object sender, JoinRequest request) {
        raiseTokens(request.tokensAbove());
        peers.putIfAbsent(request.id(), new SimulatedRows.PeerEntry(request, ++joinOrder, now()));
        List<GroupRow> rows = new ArrayList<>();
        for (Membership membership : request.memberships()) {
            GroupSettings settings = membership.settings();
            SimulatedRows.GroupEntry group =
                    groups.computeIfAbsent(settings.name(), name -> new SimulatedRows.GroupEntry(Flags.of(settings)));
            boolean first = group.members.keySet().stream().noneMatch(id -> !id.equals(request.id()) && isAlive(id));
            group.members.put(request.id(), membership.types());
            if (first) {
                group.flags = Flags.of(settings);
                if (settings.policies().onEmptyGroup() == GroupPolicies.OnEmptyGroup.RESET) {
                    group.children.clear();
                } else {
                    renew(group, membership.staticChildren());
                }
            }
            List<ChildSpec> brought = first ? membership.staticChildren() : returning(membership.staticChildren());
            brought.forEach(spec -> group.removed.remove(spec.id()));
            declare(group, membership.staticChildren(), brought);
            touch(sender, settings.name(), Set.of());
            rows.add(group.row(settings.name()));
        }
        record();
        return rows;
    }

    private void renew(SimulatedRows.GroupEntry group, List<ChildSpec> specs) {
        group.children.values().removeIf(child -> child.isStatic && child.spec.restart() == RestartType.TEMPORARY);
        for (ChildSpec spec : specs) {
            SimulatedRows.Child child = group.children.get(spec.id());
            if (child != null
                    && child.isStatic
                    && child.phase == Phase.COMPLETED
                    && child.desired == DesiredState.RUNNING) {
                child.owner = null;
                child.failure = null;
                child.enter(Phase.STARTING, now());
            }
        }
    }

    /** A temporary child runs once in the life of its group. */
    private static List<ChildSpec> returning(List<ChildSpec> specs) {
        return specs.stream()
                .filter(spec -> spec.restart() != RestartType.TEMPORARY)
                .toList();
    }

    private Set<String> declare(SimulatedRows.GroupEntry group, List<ChildSpec> specs, List<ChildSpec> wanted) {
        Set<String> written = missing(group, wanted.stream().map(ChildSpec::id).toList());
        for (int i = 0; i < specs.size(); i++) {
            ChildSpec spec = specs.get(i);
            if (!written.contains(spec.id())) {
                continue;
            }
            SimulatedRows.Child child = new SimulatedRows.Child(spec, i, true, freshToken(), now());
            child.answered = 1;
            group.children.put(spec.id(), child);
        }
        return written;
    }

    private static Set<String> missing(SimulatedRows.GroupEntry group, Collection<String> ids) {
        return ids.stream()
                .filter(id -> !group.children.containsKey(id) && !group.removed.contains(id))
                .collect(Collectors.toSet());
    }

    Set<String> missing(String group, Collection<String> ids) {
        return missing(entry(group), ids);
    }

    Set<String> declare(Object sender, String group, List<ChildSpec> specs) {
        Set<String> written = declare(entry(group), specs, returning(specs));
        if (!written.isEmpty()) {
            record();
            touch(sender, group, written);
        }
        return written;
    }

    void touch(Object sender, String group) {
        touch(sender, group, Set.of());
    }

    private void remove(SimulatedRows.GroupEntry group, String id) {
        SimulatedRows.Child gone = group.children.remove(id);
        if (gone != null) {
            tokenFloor = Math.max(tokenFloor, gone.token);
        }
        if (gone != null && gone.isStatic) {
            group.removed.add(id);
        }
    }

    boolean certify(Object sender, PeerId me, PeerId victim, Heartbeat last, long confirmed) {
        SimulatedRows.PeerEntry other = peers.get(victim);
        if (!hasNotForgotten(me, confirmed)
                || other == null
                || other.state != PeerState.ALIVE
                || !other.last().equals(last)) {
            return false;
        }
        other.state = PeerState.DEAD;
        other.endedAt = nanoTime.getAsLong();
        record();
        touchGroupsOf(sender, victim);
        onDeath.accept(victim, Duration.between(Instant.EPOCH, other.renewedAt).toNanos());
        return true;
    }

    private void touchGroupsOf(Object sender, PeerId peer) {
        groups.forEach((name, group) -> {
            if (group.members.containsKey(peer)) {
                touch(sender, name, Set.of());
            }
        });
    }

    void leaving(PeerId me) {
        if (isAlive(me)) {
            Objects.requireNonNull(peers.get(me)).leaving = true;
        }
    }

    void leave(PeerId me) {
        if (!isAlive(me)) {
            return;
        }
        SimulatedRows.PeerEntry entry = Objects.requireNonNull(peers.get(me));
        entry.state = PeerState.LEFT;
        entry.endedAt = nanoTime.getAsLong();
        record();
        groups.values().forEach(group -> {
            if (group.members.remove(me) != null) {
                raise(group);
            }
        });
    }

    void cordon(Object sender, PeerId peer, boolean cordoned) {
        SimulatedRows.PeerEntry entry = peers.get(peer);
        if (entry != null && entry.cordoned != cordoned) {
            entry.cordoned = cordoned;
            touchGroupsOf(sender, peer);
        }
    }

    Renewal renew(PeerId me, @Nullable SessionLock lock) {
        SimulatedRows.PeerEntry self = peers.get(me);
        List<PeerBeat> beats = new ArrayList<>();
        Map<PeerId, SessionLock> locks = new HashMap<>();
        watchedBy(self).forEach((id, peer) -> {
            Duration age = Duration.between(peer.renewedAt, Instant.EPOCH.plusNanos(nanoTime.getAsLong()));
            beats.add(new PeerBeat(
                    id, peer.last(), peer.request.lease(), peer.joinOrder, age.isNegative() ? Duration.ZERO : age));
            if (peer.lock != null) {
                locks.put(id, peer.lock);
            }
        });
        Map<String, GroupBeat> groupBeats = new HashMap<>();
        groups.forEach((name, group) -> {
            if (group.members.containsKey(me)) {
                groupBeats.put(name, new GroupBeat(group.revision, group.death != null));
            }
        });
        boolean renewed = self != null && self.state == PeerState.ALIVE;
        if (renewed) {
            self.seq++;
            self.renewedAt = now();
            self.lock = lock;
        }
        return new Renewal(
                renewed,
                renewed ? self.seq : 0,
                self == null ? 0 : self.joinOrder,
                beats,
                groupBeats,
                sessions.server(),
                Duration.ofNanos(nanoTime.getAsLong()),
                locks);
    }

    /** Protocol rule 3b. */
    private Map<PeerId, SimulatedRows.PeerEntry> watchedBy(SimulatedRows.@Nullable PeerEntry self) {
        Map<PeerId, SimulatedRows.PeerEntry> watched = new LinkedHashMap<>();
        if (self == null) {
            return watched;
        }
        List<Map.Entry<PeerId, SimulatedRows.PeerEntry>> alive = new ArrayList<>(); // few: no index is needed
        int before = 0;
        for (Map.Entry<PeerId, SimulatedRows.PeerEntry> peer : peers.entrySet()) {
            if (peer.getValue().state == PeerState.ALIVE) {
                alive.add(peer);
                before += peer.getValue().joinOrder < self.joinOrder ? 1 : 0;
            }
        }
        alive.sort(BY_JOIN_ORDER);
        boolean all = before < observersOfAll;
        int count = alive.size();
        for (int i = 0; i < count; i++) {
            boolean nearest = i < before && i >= before - predecessors;
            boolean last = before < predecessors && i >= count - predecessors;
            Map.Entry<PeerId, SimulatedRows.PeerEntry> peer = alive.get(i);
            if ((all || nearest || last) && peer.getValue() != self) {
                watched.put(peer.getKey(), peer.getValue());
            }
        }
        return watched;
    }

    // ---- ownership

    /** The clock is not in the copy: it continues when a copy is restored, unless it is set back. */
    private long clock() {
        lastClock = Math.max(lastClock + 1, nanoTime.getAsLong() / 1000);
        return !isClockSetBack ? lastClock : 0;
    }

    private long freshToken() {
        return Math.max(tokenFloor + 1, clock());
    }

    long raiseTokens(long above) {
        long rows = groups.values().stream()
                .flatMap(group -> group.children.values().stream())
                .mapToLong(child -> child.token)
                .max()
                .orElse(0);
        tokenFloor = Math.max(tokenFloor, Math.max(rows, above));
        return Math.max(tokenFloor, clock());
    }

    private boolean isAsExpected(SimulatedRows.@Nullable Child child, OwnedToken expected) {
        return child != null && Objects.equals(child.owner, expected.owner()) && child.token == expected.token();
    }

    private long nextToken(SimulatedRows.Child child, OwnedToken expected) {
        return Math.max(freshToken(), Math.max(child.token, expected.above()) + 1);
    }

    Map<String, Long> grant(
            Object sender,
            String group,
            PeerId me,
            Collection<OwnedToken> expected,
            Map<String, ChildSpec> specs,
            @Nullable SessionLock lost,
            long confirmed) {
        Map<String, Long> granted = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>();
        Set<PeerId> former = new HashSet<>();
        SimulatedRows.PeerEntry loser = lost == null ? null : peers.get(lost.peer());
        if (!hasNotForgotten(me, confirmed) || (lost != null && (loser == null || !lost.equals(loser.lock)))) {
            return granted;
        }
        for (OwnedToken one : expected) {
            SimulatedRows.Child child = entry(group).children.get(one.childId());
            if (!isAsExpected(child, one)) {
                continue;
            }
            boolean mine = me.equals(child.owner);
            boolean remains = !mine && child.answered >= child.revision && child.isAtRest();
            child.token = nextToken(child, one);
            child.owner = me;
            child.takenOverAt = lost == null ? child.takenOverAt : now();
            if (!remains) {
                child.enter(Phase.STARTING, now());
            }
            if (!mine) {
                child.crashes = one.crashes();
                child.restarts = 0;
                child.restartsInWindow = 0;
                taken.add(one.childId());
                if (one.owner() != null) {
                    former.add(one.owner());
                }
            }
            child.nextRetry = null;
            child.moveTo = me.equals(child.moveTo) ? null : child.moveTo;
            child.spec = specs.getOrDefault(one.childId(), child.spec);
            granted.put(one.childId(), child.token);
            if (Objects.requireNonNull(peers.get(me)).seq < confirmed) {
                onGrantByWhatWasForgotten.accept(me);
            }
        }
        if (!taken.isEmpty()) {
            record();
            touch(sender, group, taken, former);
        }
        return granted;
    }

    Set<String> release(
            Object sender,
            String group,
            Collection<OwnedToken> expected,
            @Nullable PeerId chosen,
            @Nullable PeerId confirmedBy,
            long confirmed) {
        Set<String> released = new HashSet<>();
        SimulatedRows.PeerEntry sure = confirmedBy == null ? null : peers.get(confirmedBy);
        boolean forgotten = sure != null && sure.seq < confirmed;
        PeerId target = isFit(chosen) ? chosen : null;
        for (OwnedToken one : expected) {
            SimulatedRows.Child child = entry(group).children.get(one.childId());
            if (forgotten && Objects.equals(one.owner(), confirmedBy)) {
                continue;
            }
            if (isAsExpected(child, one)) {
                child.token = nextToken(child, one);
                child.owner = target;
                if (!child.isAtRest()) {
                    child.enter(target == null ? Phase.ORPHANED : Phase.STARTING, now());
                }
                child.crashes = 0;
                child.restarts = 0;
                child.restartsInWindow = 0;
                child.nextRetry = null;
                child.moveTo = null;
                released.add(one.childId());
            }
        }
        if (!released.isEmpty() && target == null) {
            record();
            touch(sender, group, released);
        } else if (!released.isEmpty()) {
            record();
            touch(sender, group, released, Set.of(target));
            answer(sender, group, released);
        }
        return released;
    }

    boolean quarantine(Object sender, String group, OwnedToken expected, String reason) {
        SimulatedRows.Child child = entry(group).children.get(expected.childId());
        if (!isAsExpected(child, expected) || !(child.phase == Phase.STARTING || child.phase == Phase.RUNNING)) {
            return false;
        }
        child.phase = Phase.QUARANTINED;
        child.since = now();
        child.answered = child.revision;
        child.failure = reason;
        record();
        touch(sender, group, Set.of(expected.childId()));
        return true;
    }

    void remove(Object sender, String group, Collection<OwnedToken> expected) {
        Set<String> removed = new HashSet<>();
        for (OwnedToken one : expected) {
            if (isAsExpected(entry(group).children.get(one.childId()), one)) {
                remove(entry(group), one.childId());
                removed.add(one.childId());
            }
        }
        if (!removed.isEmpty()) {
            record();
            touch(sender, group, removed, Set.of());
            answer(sender, group, removed);
        }
    }

    List<ChildRow> report(
            Object sender, String group, PeerId me, Collection<PhaseReport> reports, Set<String> awaited) {
        Set<String> answered = new HashSet<>();
        Set<String> written = new HashSet<>();
        for (PhaseReport report : reports) {
            SimulatedRows.Child child = entry(group).children.get(report.childId());
            if (child != null && me.equals(child.owner) && child.token == report.token()) {
                child.report(report, now());
                if (report.answers() != null) {
                    answered.add(report.childId());
                }
                written.add(report.childId());
            }
        }
        if (!answered.isEmpty() && telling.getAsBoolean()) {
            answer(sender, group, answered);
        }
        written.retainAll(awaited);
        return written.isEmpty() ? List.of() : rows(group, written);
    }

    /** The row of a child that is in no group. */
    ChildRow rehearsed(PeerId me) {
        ChildSpec spec = ChildSpec.of(WorkSession.REHEARSED, WorkSession.REHEARSED);
        SimulatedRows.Child child = new SimulatedRows.Child(spec, 0, false, freshToken(), now());
        child.owner = me;
        child.answered = child.revision;
        return child.row(peers.get(me), true, child.since);
    }

    // ---- commands

    @Nullable
    ChildRow insert(String group, ChildSpec spec, @Nullable PeerId owner) {
        if (entry(group).children.containsKey(spec.id()) || entry(group).death != null) {
            return null;
        }
        SimulatedRows.Child child = new SimulatedRows.Child(spec, ++startOrder, false, freshToken(), now());
        child.owner = owner;
        child.command = Command.START;
        entry(group).children.put(spec.id(), child);
        record();
        return row(entry(group), child);
    }

    @Nullable
    ChildRow command(
            Object sender,
            String group,
            String id,
            long revision,
            Command command,
            DesiredState desired,
            @Nullable ChildSpec spec) {
        SimulatedRows.Child child = entry(group).children.get(id);
        if (child == null || child.revision != revision) {
            return null;
        }
        child.revision++;
        child.command = command;
        child.desired = desired;
        child.failure = null;
        child.crashes = command == Command.START ? child.crashes : 0;
        child.spec = spec == null ? child.spec : spec;
        record();
        ask(sender, group, Set.of(id), child.owner);
        return row(entry(group), child);
    }

    boolean requestMove(Object sender, String group, String id, long revision, @Nullable PeerId target) {
        SimulatedRows.Child child = entry(group).children.get(id);
        if (child == null || child.revision != revision) {
            return false;
        }
        child.moveTo = target;
        record();
        ask(sender, group, Set.of(id), child.owner);
        if (target == null) {
            answer(sender, group, Set.of(id));
        }
        return true;
    }

    List<ChildRow> offer(Object sender, String group, Collection<ChildSpec> specs) {
        List<ChildRow> offered = new ArrayList<>();
        for (ChildSpec spec : specs) {
            if (insert(group, spec, null) != null) {
                SimulatedRows.Child child = entry(group).children.get(spec.id());
                child.command = Command.RESTART;
                offered.add(row(entry(group), child));
            }
        }
        if (!offered.isEmpty()) {
            ask(sender, group, offered.stream().map(ChildRow::id).collect(Collectors.toSet()), null);
        }
        return offered;
    }

    boolean deleteOrphan(Object sender, String group, OwnedToken expected, long revision) {
        SimulatedRows.Child child = entry(group).children.get(expected.childId());
        boolean deletable = child != null
                && child.revision == revision
                && child.token == expected.token()
                && Objects.equals(child.owner, expected.owner());
        if (deletable) {
            remove(entry(group), expected.childId());
            record();
            touch(sender, group, Set.of(expected.childId()));
        }
        return deletable;
    }

    boolean delete(Object sender, String group, OwnedToken expected, long revision) {
        String id = expected.childId();
        SimulatedRows.Child child = entry(group).children.get(id);
        boolean deletable = child != null
                && isAsExpected(child, expected)
                && child.revision == revision
                && (child.isAtRest()
                        || (child.phase == Phase.STUCK
                                && child.desired == DesiredState.STOPPED
                                && child.answered >= child.revision));
        if (deletable) {
            remove(entry(group), id);
            record();
            if (expected.owner() == null) {
                touch(sender, group, Set.of(id));
            } else {
                touch(sender, group, Set.of(id), Set.of(expected.owner()));
                answer(sender, group, Set.of(id));
            }
        }
        return deletable;
    }

    boolean terminateGroup(Object sender, String group, Cause cause, String reason) {
        if (entry(group).death != null) {
            return false;
        }
        entry(group).death = new Death(cause, reason, now());
        record();
        touch(sender, group, Set.of());
        return true;
    }

    boolean reviveGroup(Object sender, String group, @Nullable Death from) {
        Death present = entry(group).death;
        if (present == null || (from != null && !from.at().equals(present.at()))) {
            return false;
        }
        entry(group).death = null;
        record();
        touch(sender, group, Set.of());
        return true;
    }

    // ---- reading

    GroupView view(String group, PeerId me) {
        SimulatedRows.GroupEntry entry = entry(group);
        List<ChildRow> rows = allRows(group).stream()
                .filter(row -> row.isOrphan() || me.equals(row.owner()) || me.equals(row.moveTo()))
                .toList();
        return new GroupView(entry.row(group), members(group), rows);
    }

    String digest(String group, PeerId me) {
        GroupView view = view(group, me);
        long ended = peers.values().stream()
                .filter(peer -> peer.state != PeerState.ALIVE)
                .count();
        String rows = view.children().stream()
                .map(row -> row.id()
                        + row.owner()
                        + row.token()
                        + row.revision()
                        + row.answered()
                        + row.phase()
                        + row.desired()
                        + row.moveTo()
                        + row.suspicions())
                .collect(Collectors.joining(" "));
        return view.group() + " " + ended + " " + rows;
    }

    List<ChildRow> rows(String group, Set<String> ids) {
        return allRows(group).stream().filter(row -> ids.contains(row.id())).toList();
    }

    List<ChildRow> allRows(String group) {
        SimulatedRows.GroupEntry entry = groups.get(group);
        if (entry == null) {
            return List.of();
        }
        return entry.children.values().stream()
                .sorted(Comparator.comparingLong((SimulatedRows.Child c) -> c.order)
                        .thenComparing(c -> c.spec.id()))
                .map(child -> row(entry, child))
                .toList();
    }

    List<ChildRow> immediate(String group, PeerId owner) {
        Instant now = Instant.EPOCH.plusNanos(nanoTime.getAsLong());
        SimulatedRows.PeerEntry peer = peers.get(owner);
        SimulatedRows.GroupEntry entry = entry(group);
        return rows(group, Set.copyOf(entry.children.keySet())).stream()
                .filter(row -> owner.equals(row.owner()))
                .filter(row -> row.spec() != null && row.spec().takeover() == Takeover.IMMEDIATE)
                .filter(row -> {
                    Instant taken = Objects.requireNonNull(entry.children.get(row.id())).takenOverAt;
                    return taken == null || peer == null || taken.isBefore(now.minus(peer.request.lease()));
                })
                .toList();
    }

    private ChildRow row(SimulatedRows.GroupEntry group, SimulatedRows.Child child) {
        SimulatedRows.PeerEntry owner = child.owner == null ? null : peers.get(child.owner);
        boolean placeable = isAlive(child.owner)
                || group.members.entrySet().stream()
                        .anyMatch(member ->
                                isFit(member.getKey()) && member.getValue().contains(child.spec.type()));
        return child.row(owner, placeable, Instant.EPOCH.plusNanos(nanoTime.getAsLong()));
    }

    private boolean isFit(@Nullable PeerId peer) {
        SimulatedRows.PeerEntry entry = peer == null ? null : peers.get(peer);
        return entry != null && entry.state == PeerState.ALIVE && !entry.cordoned && !entry.leaving;
    }

    List<MemberRow> members(String group) {
        SimulatedRows.GroupEntry entry = groups.get(group);
        List<MemberRow> members = new ArrayList<>();
        if (entry != null) {
            entry.members.forEach((id, types) -> {
                SimulatedRows.PeerEntry peer = peers.get(id);
                if (peer != null) {
                    Set<String> immediate = new TreeSet<>();
                    long owned = 0;
                    for (SimulatedRows.Child child : entry.children.values()) {
                        if (id.equals(child.owner)) {
                            owned++;
                            if (child.desired == DesiredState.RUNNING && child.spec.takeover() == Takeover.IMMEDIATE) {
                                immediate.add(child.spec.type());
                            }
                        }
                    }
                    members.add(peer.member(types, owned, immediate));
                }
            });
            members.sort(Comparator.comparingLong(MemberRow::joinOrder));
        }
        return members;
    }

    Optional<GroupRow> group(String name) {
        return Optional.ofNullable(groups.get(name)).map(entry -> entry.row(name));
    }

    ChildCounts counts(String group) {
        Collection<SimulatedRows.Child> all = entry(group).children.values();
        long supervisors =
                all.stream().filter(c -> c.spec.kind() == ChildKind.SUPERVISOR).count();
        long active = all.stream()
                .filter(c -> c.phase == Phase.RUNNING && isAlive(c.owner))
                .count();
        return new ChildCounts(all.size(), active, supervisors, all.size() - supervisors);
    }

    boolean hasActiveSignificant(String group) {
        return entry(group).children.values().stream()
                .anyMatch(c -> c.spec.significant() && c.desired == DesiredState.RUNNING && !c.isAtRest());
    }

    int purgePeers(Duration olderThan, int most) {
        long limit = nanoTime.getAsLong() - olderThan.toNanos();
        Set<PeerId> owners = new HashSet<>();
        groups.values()
                .forEach(group -> group.children.values().forEach(child -> {
                    if (child.owner != null) {
                        owners.add(child.owner);
                    }
                }));
        List<PeerId> gone = peers.entrySet().stream()
                .filter(e -> e.getValue().state != PeerState.ALIVE && e.getValue().endedAt <= limit)
                .map(Map.Entry::getKey)
                .filter(id -> !owners.contains(id))
                .limit(most)
                .toList();
        gone.forEach(peers::remove);
        gone.forEach(id -> groups.values().forEach(group -> group.members.remove(id)));
        return gone.size();
    }

    int purgeHistory(Duration olderThan, int most) {
        long limit = nanoTime.getAsLong() - olderThan.toNanos();
        List<Long> old = history.stream().filter(at -> at <= limit).limit(most).toList();
        history.subList(0, old.size()).clear(); // the list is sorted by age, the oldest first
        return old.size();
    }
}
