package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WatchSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Death;
import io.github.mirroredsupervisor.internal.store.rows.GroupView;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import io.github.mirroredsupervisor.simulation.SimulatedSessions.Session;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The sessions of one process on a {@link SimulatedDatabase}, over a network that may be disturbed. */
public final class SimulatedStore implements Store {

    private final SimulatedDatabase database;
    private final Network network;
    private final Runnable news;
    private final LongSupplier keys;

    /** The lock that this process believes it holds. */
    private @Nullable SessionLock held;

    private final List<Session> sessions = new ArrayList<>();
    private @Nullable PeerId confirmedBy;
    private long confirmed;

    /** A network that delivers everything at once. */
    public static final Network PERFECT = new Network() {
        @Override
        public <T extends @Nullable Object> T call(Line line, Supplier<T> transaction) {
            return transaction.get();
        }
    };

    /** The connections of a process. */
    enum Line {
        RENEW,
        WORK,
        LISTEN,
        READ
    }

    /** The way between a process and the database. */
    interface Network {

        /**
         * Carries out a transaction and returns its answer.
         *
         * @throws StoreUnavailableException if no answer came; it may have been carried out, or may be so later
         */
        <T extends @Nullable Object> T call(Line line, Supplier<T> transaction);

        /** Whether a peer shall run the calls that only warm up a real one. */
        default boolean rehearses() {
            return true;
        }
    }

    /**
     * Creates the store of a process.
     *
     * @param news called when there is something to read
     * @param keys returns an unused key with each call
     */
    public SimulatedStore(SimulatedDatabase database, Network network, Runnable news, LongSupplier keys) {
        this.database = database;
        this.network = network;
        this.news = news;
        this.keys = keys;
    }

    /** Ends idle sessions, as the server does when they broke or their process died. */
    void endSessions() {
        List<Session> all = List.copyOf(sessions);
        sessions.clear();
        all.forEach(database.sessions()::end);
    }

    private Session connect() {
        return network.call(Line.LISTEN, () -> {
            Session session = database.sessions().open(news);
            sessions.add(session);
            return session;
        });
    }

    private @Nullable SessionLock heldBy(PeerId me) {
        SessionLock lock = held;
        return lock != null && lock.peer().equals(me) ? lock : null;
    }

    @Override
    public RenewalSession openRenewals() {
        return new RenewalSession() {
            @Override
            public Renewal renew(PeerId me) {
                Renewal renewal = network.call(Line.RENEW, () -> database.renew(me, heldBy(me)));
                if (renewal.renewed()) {
                    confirmedBy = me;
                    confirmed = renewal.seq();
                }
                return renewal;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public NotificationSession openHints(Set<String> groups) {
        return new Hints(groups);
    }

    @Override
    public WorkSession openWork() {
        return new Work(Line.WORK);
    }

    @Override
    public WorkSession openReads() {
        return new Work(Line.READ);
    }

    @Override
    public Optional<WatchSession> openWatch() {
        return Optional.of(new Watched());
    }

    /** Never waits: the loop is stepped when there is something to read. */
    private final class Hints implements NotificationSession, SimulatedDatabase.Listener {
        private final Deque<Hint> unread = new ArrayDeque<>();
        private final Set<String> groups;
        private PeerId peer = PeerId.random();
        private @Nullable Session session;

        private Hints(Set<String> groups) {
            this.groups = groups;
        }

        @Override
        public Object store() {
            return SimulatedStore.this;
        }

        @Override
        public PeerId peer() {
            return peer;
        }

        @Override
        public Set<String> groups() {
            return groups;
        }

        @Override
        public void hinted(Hint hint) {
            unread.add(hint);
            news.run();
        }

        @Override
        public List<Hint> await(PeerId me, Duration limit) {
            Session present = session;
            if (present == null) {
                listen(me);
                return List.of(Hint.EVERYTHING);
            }
            if (present.hasEnded()) {
                close();
                throw new StoreUnavailableException("the session has ended", null);
            }
            if (heldBy(me) == null) {
                lock(present, me);
            }
            if (!me.equals(peer)) {
                peer = me;
                unread.clear();
                return List.of(Hint.EVERYTHING);
            }
            List<Hint> found = new ArrayList<>(unread);
            unread.clear();
            return found.contains(Hint.EVERYTHING) ? List.of(Hint.EVERYTHING) : found;
        }

        private void listen(PeerId me) {
            Session next = connect();
            session = next;
            peer = me;
            database.listen(this);
            lock(next, me);
        }

        private void lock(Session session, PeerId me) {
            SessionLock lock =
                    new SessionLock(me, keys.getAsLong(), database.sessions().server());
            database.sessions().take(session, lock);
            held = lock;
        }

        @Override
        public void close() {
            database.listenNoMore(this);
            end(session);
            session = null;
            held = null;
        }
    }

    private void end(@Nullable Session session) {
        if (session != null) {
            sessions.remove(session);
            database.sessions().end(session);
        }
    }

    /** Never waits. */
    private final class Watched implements WatchSession {
        private @Nullable Session session;

        @Override
        public Outcome await(SessionLock lock) {
            Session present = session;
            if (present == null || present.hasEnded()) {
                present = connect();
                session = present;
            }
            return lock.server().equals(database.sessions().server())
                    ? database.sessions().await(present, lock)
                    : Outcome.FREE;
        }

        @Override
        public void interrupt() {}

        @Override
        public void close() {
            end(session);
            session = null;
        }
    }

    private final class Work implements WorkSession {

        private final Line line;

        private Work(Line line) {
            this.line = line;
        }

        @Override
        public long answered() {
            return 0; // only logged, and logs are not simulated
        }

        private <T extends @Nullable Object> T call(Supplier<T> transaction) {
            return network.call(line, transaction);
        }

        private Object sender() {
            return SimulatedStore.this;
        }

        @Override
        public List<GroupRow> join(JoinRequest request) {
            return call(() -> database.join(sender(), request));
        }

        @Override
        public boolean certify(PeerId me, PeerId victim, Heartbeat last) {
            long confirmedSeq = confirmed(me);
            return call(() -> database.certify(sender(), me, victim, last, confirmedSeq));
        }

        @Override
        public void leaving(PeerId me) {
            run(() -> database.leaving(me));
        }

        @Override
        public void leave(PeerId me) {
            run(() -> database.leave(me));
        }

        private void run(Runnable transaction) {
            call(() -> {
                transaction.run();
                return true;
            });
        }

        @Override
        public void cordon(PeerId peer, boolean cordoned) {
            run(() -> database.cordon(sender(), peer, cordoned));
        }

        @Override
        public Map<String, Long> grant(
                String group,
                PeerId me,
                Collection<OwnedToken> expected,
                StartCause cause,
                Map<String, ChildSpec> specs) {
            long seq = confirmed(me);
            return call(() -> database.grant(sender(), group, me, expected, specs, null, seq));
        }

        @Override
        public List<ChildRow> immediate(String group, PeerId owner) {
            return call(() -> database.immediate(group, owner));
        }

        @Override
        public Map<String, Long> takeOver(
                String group,
                PeerId me,
                Collection<OwnedToken> expected,
                SessionLock lost,
                Map<String, ChildSpec> specs) {
            long seq = confirmed(me);
            return call(() -> database.grant(sender(), group, me, expected, specs, lost, seq));
        }

        @Override
        public Set<String> release(String group, Collection<OwnedToken> expected, @Nullable PeerId target) {
            PeerId renewed = confirmedBy;
            long seq = confirmed;
            return call(() -> database.release(sender(), group, expected, target, renewed, seq));
        }

        @Override
        public boolean quarantine(String group, OwnedToken expected, String reason) {
            return call(() -> database.quarantine(sender(), group, expected, reason));
        }

        private long confirmed(PeerId me) {
            return me.equals(confirmedBy) ? confirmed : 0;
        }

        @Override
        public long raiseTokens(long above) {
            return call(() -> database.raiseTokens(above));
        }

        @Override
        public ChildRow rehearse(PeerId me) {
            if (!network.rehearses()) {
                throw new StoreUnavailableException("There is nothing to be rehearsed here", null);
            }
            return call(() -> database.rehearsed(me));
        }

        @Override
        public Set<String> remove(String group, Collection<OwnedToken> expected, String reason) {
            run(() -> database.remove(sender(), group, expected));
            return Set.of();
        }

        @Override
        public Reported report(String group, PeerId me, Collection<PhaseReport> reports, Set<String> awaited) {
            return new Reported(Set.of(), call(() -> database.report(sender(), group, me, reports, awaited)));
        }

        @Override
        public @Nullable ChildRow insert(String group, ChildSpec spec, PeerId owner) {
            return call(() -> database.insert(group, spec, owner));
        }

        @Override
        public @Nullable ChildRow command(
                String group,
                String childId,
                long expectedRevision,
                ChildRow.Command command,
                DesiredState desired,
                @Nullable ChildSpec spec) {
            return call(() -> database.command(sender(), group, childId, expectedRevision, command, desired, spec));
        }

        @Override
        public boolean requestMove(String group, String childId, long expectedRevision, @Nullable PeerId target) {
            return call(() -> database.requestMove(sender(), group, childId, expectedRevision, target));
        }

        @Override
        public void awaits(String group, ChildRow row) {
            run(() -> database.awaits(sender(), group, row));
        }

        @Override
        public List<ChildRow> offer(String group, Collection<ChildSpec> specs) {
            return call(() -> database.offer(sender(), group, specs));
        }

        @Override
        public boolean deleteOrphan(String group, OwnedToken expected, long expectedRevision) {
            return call(() -> database.deleteOrphan(sender(), group, expected, expectedRevision));
        }

        @Override
        public boolean delete(String group, OwnedToken expected, long expectedRevision) {
            return call(() -> database.delete(sender(), group, expected, expectedRevision));
        }

        @Override
        public Set<String> missing(String group, Collection<String> declared) {
            return call(() -> database.missing(group, declared));
        }

        @Override
        public Set<String> declare(String group, List<ChildSpec> declared) {
            return call(() -> database.declare(sender(), group, declared));
        }

        /** Not simulated: all members declare the same children. */
        @Override
        public Set<String> undeclared(String group) {
            return Set.of();
        }

        @Override
        public Set<String> removeUndeclared(String group, Set<String> childIds) {
            return Set.of();
        }

        @Override
        public Set<String> redeclare(String group, Set<String> childIds) {
            return Set.of();
        }

        @Override
        public void touch(String group) {
            run(() -> database.touch(sender(), group));
        }

        @Override
        public boolean terminateGroup(String group, Cause cause, String reason, PeerId by) {
            return call(() -> database.terminateGroup(sender(), group, cause, reason));
        }

        @Override
        public boolean reviveGroup(String group, PeerId by, @Nullable Death from) {
            return call(() -> database.reviveGroup(sender(), group, from));
        }

        /** Not simulated: a group's row is never deleted. */
        @Override
        public void restoreGroup(String group, GroupRow.Flags flags) {}

        /** Hints are sent at once or never, so there is nothing to wait for. */
        @Override
        public boolean awaitTold(Duration limit) {
            return true;
        }

        @Override
        public GroupView view(String group, PeerId me) {
            return call(() -> database.view(group, me));
        }

        @Override
        public String digest(String group, PeerId me) {
            return call(() -> database.digest(group, me));
        }

        @Override
        public List<ChildRow> rows(String group, Set<String> childIds) {
            return call(() -> database.rows(group, childIds));
        }

        @Override
        public List<ChildRow> allRows(String group) {
            return call(() -> database.allRows(group));
        }

        @Override
        public ChildCounts counts(String group) {
            return call(() -> database.counts(group));
        }

        @Override
        public boolean hasActiveSignificant(String group) {
            return call(() -> database.hasActiveSignificant(group));
        }

        @Override
        public List<MemberRow> members(String group) {
            return call(() -> database.members(group));
        }

        @Override
        public Optional<GroupRow> group(String group) {
            return call(() -> database.group(group));
        }

        @Override
        public int purgePeers(Duration olderThan, int most) {
            return call(() -> database.purgePeers(olderThan, most));
        }

        @Override
        public int purgeHistory(Duration olderThan, int most) {
            return call(() -> database.purgeHistory(olderThan, most));
        }

        @Override
        public void close() {}
    }
}
