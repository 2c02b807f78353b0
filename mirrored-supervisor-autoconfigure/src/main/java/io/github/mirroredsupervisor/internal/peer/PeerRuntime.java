package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.calls.GroupCalls;
import io.github.mirroredsupervisor.internal.group.ArgumentMapper;
import io.github.mirroredsupervisor.internal.group.GroupDefinition;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.GroupSnapshot;
import io.github.mirroredsupervisor.internal.group.HighestToken;
import io.github.mirroredsupervisor.internal.group.PeerContext;
import io.github.mirroredsupervisor.internal.lease.HeartbeatLoop;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.OnStuckChild;
import io.github.mirroredsupervisor.internal.lease.PeerObservations;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.lease.Permission;
import io.github.mirroredsupervisor.internal.lease.Watchdog;
import io.github.mirroredsupervisor.internal.platform.EventPublisher;
import io.github.mirroredsupervisor.internal.platform.Loop;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.reconcile.Reconciler;
import io.github.mirroredsupervisor.internal.sessions.NotificationLoop;
import io.github.mirroredsupervisor.internal.sessions.SessionWatch;
import io.github.mirroredsupervisor.internal.sessions.WatchRing;
import io.github.mirroredsupervisor.internal.store.GroupRow;
import io.github.mirroredsupervisor.internal.store.MemberRow;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.Renewal;
import io.github.mirroredsupervisor.internal.store.Renewal.GroupBeat;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.SessionLock;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.StoreWorker;
import io.github.mirroredsupervisor.internal.supervision.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A peer from one start to the following stop: its threads, its incarnations, and the members that belong to them. */
public final class PeerRuntime implements PeerContext, HeartbeatLoop.Outcomes {

    private static final Logger log = LoggerFactory.getLogger(PeerRuntime.class);

    /** Everything is compared once in this many renewals, even without a known change: rows may be edited by hand. */
    private static final int RENEWALS_PER_SWEEP = 10;

    /** How long the log may take before the process is halted. */
    private static final Duration LAST_WORDS = Duration.ofMillis(200);

    private final PeerSettings settings;
    private final List<GroupDefinition> definitions;
    private final Environment environment;
    private final StoreWorker work;
    private final StoreWorker reads;
    private final EventPublisher events;
    private final EventPublisher measurements;
    private final FailureDetector accuser;
    private final List<Loop> loops;
    private final SessionWatch watch;
    private final Departure leaving;
    private final WarmUp warmUp;
    private final StartupBarrier startUp;
    private final PeerMembership joining;
    private final Entry entry;

    /** By group name; empty before this peer has joined. */
    private volatile Map<String, GroupLoop> groups = Map.of();

    /** By the name of their group. */
    private volatile Map<String, GroupCalls> calls = Map.of();

    private final TokenCheck tokens = new TokenCheck(this, this::burnTokens, this::lookAtAll);

    private volatile long lostAt;
    private volatile boolean lost;

    /** The locks that other peers hold, as read by the last renewal. */
    private volatile Map<PeerId, SessionLock> locks = Map.of();

    /** Renew thread only. */
    private int renewalsSinceSweep;

    /**
     * What the application provides to its peer.
     *
     * @param preparation makes the store ready to be joined; called before each try, on the work thread
     */
    public record Environment(
            ArgumentMapper arguments,
            PeerMonitor monitor,
            ThreadFactory childThreads,
            Clock clock,
            Fence fence,
            Function<String, MirroredSupervisor> supervisors,
            Platform machine,
            Runnable preparation,
            HighestToken highestToken) {

        /** An environment whose store needs no preparation. */
        public Environment(
                ArgumentMapper arguments,
                PeerMonitor monitor,
                ThreadFactory childThreads,
                Clock clock,
                Fence fence,
                Function<String, MirroredSupervisor> supervisors,
                Platform machine) {
            this(arguments, monitor, childThreads, clock, fence, supervisors, machine, () -> {}, new HighestToken());
        }
    }

    public PeerRuntime(PeerSettings settings, List<GroupDefinition> definitions, Store store, Environment environment) {
        this.settings = settings;
        this.definitions = definitions;
        this.environment = environment;
        Platform machine = environment.machine();
        this.joining = new PeerMembership(this, Incarnation.of(settings, machine.newId()), definitions);
        this.events = new EventPublisher(environment.monitor()::event, machine);
        this.work = StoreWorker.forOwnership(store.openWork(), machine, this::later);
        this.reads = StoreWorker.forQueries(store.openReads(), machine, this::later);
        this.measurements = EventPublisher.forMeasurements(machine);
        this.accuser = new FailureDetector(this, this::lookAtAll);
        RenewalSession renewalSession = store.openRenewals();
        HeartbeatLoop renewals = new HeartbeatLoop(renewalSession, settings, this, this::later, machine::nanoTime);
        Watchdog watchdog = new Watchdog(() -> incarnation().permission(), this::permissionExpired, machine::nanoTime);
        NotificationLoop hints =
                new NotificationLoop(store.openHints(), this::joinedOne, this::hinted, settings.lease());
        this.loops = List.of(
                machine.create("mirrored-supervisor-renew", renewals::step, renewals::close),
                machine.create("mirrored-supervisor-watchdog", watchdog::step, () -> {}),
                machine.create("mirrored-supervisor-listen", hints::step, hints::close));
        this.watch = new SessionWatch(store, this::sessionLost, this::later, machine, settings.lease());
        this.warmUp = new WarmUp(this, environment);
        this.leaving = new Departure(this, this::groups, this::close);
        this.entry = new Entry(this, joining, me -> prepare(renewalSession, me), store::mayPass, this::enter, () -> {
            renewalSession.close(); // its loop, which would close it, was not started
            close();
        });
        this.startUp = new StartupBarrier(this, entry, this::groups);
    }

    private void burnTokens(long upTo) {
        groups().forEach(group -> group.burnUpTo(upTo));
    }

    private Collection<GroupLoop> groups() {
        return groups.values();
    }

    /** Begins to join. Completes when this peer is a member, or never will be. */
    public CompletableFuture<Void> begin() {
        entry.begin();
        return entry.entered();
    }

    /**
     * Waits until this peer has joined, children may run, and the children that its start requires have started.
     *
     * @throws StoreException if it cannot join, and its start is strict
     * @throws ChildStartException if a child could not start; this peer has left then
     * @throws StartAbandonedException if this peer was stopped meanwhile, or the caller interrupted
     */
    void awaitStarted() {
        startUp.await();
    }

    /**
     * Called on the work thread before this peer joins. A member has a lease to renew, so it joins only with a working
     * connection for renewals. This also loads and links the code of the first renewal: otherwise a cold JVM on a slow
     * machine might not keep the first lease.
     */
    private void prepare(RenewalSession renewals, Incarnation me) {
        environment.preparation().run();
        // If another server answers the first renewal, it may lack tokens granted since the join (protocol rule 11b).
        tokens.answeredBy(renewals.comeBack(me.id()).server());
    }

    /** On the work thread, once this peer has joined. */
    private void enter(List<GroupRow> rows) {
        Map<String, GroupLoop> members = new LinkedHashMap<>();
        definitions.forEach(d -> members.put(d.settings().name(), group(d, rows)));
        Map<String, GroupCalls> callsOfEach = new LinkedHashMap<>();
        members.forEach((name, group) -> callsOfEach.put(name, new GroupCalls(group, this)));
        groups = Collections.unmodifiableMap(members);
        calls = Collections.unmodifiableMap(callsOfEach);
        groups().forEach(GroupLoop::start);
        joining.confirm();
        loops.forEach(Loop::start);
        watch.start();
        work.submit(warmUp::begin);
    }

    private GroupLoop group(GroupDefinition definition, List<GroupRow> rows) {
        String name = definition.settings().name();
        GroupRow row = rows.stream()
                .filter(r -> r.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the store lost group '" + name + "' on joining"));
        GroupRow.Flags own = GroupRow.Flags.of(definition.settings());
        if (!own.equals(row.flags())) { // semantics row B11: the group's flags live in its row
            later(() -> log.warn(
                    "Group '{}' has live members with other settings, and this peer uses theirs: {}; its own were {}",
                    name,
                    row.flags(),
                    own));
        }
        return new GroupLoop(
                definition,
                row.flags(),
                this,
                new GroupRuns(definition, this, environment),
                environment.childThreads(),
                environment.clock());
    }

    /** Leaves, or gives up joining; ends a start that is under way. */
    public CompletableFuture<Void> stop() {
        CompletableFuture<Void> givenUp = entry.giveUp();
        CompletableFuture<Void> ended = givenUp == null ? leaving.begin() : givenUp;
        startUp.stopRequested();
        return ended;
    }

    boolean isStopped() {
        return leaving.isDone() || entry.isOver();
    }

    /**
     * The calls of a group.
     *
     * @throws PeerNotJoinedException before this peer has joined
     */
    GroupCalls calls(String group) {
        GroupCalls found = calls.get(group);
        if (found == null) {
            RuntimeException last = entry.lastFailure();
            throw new PeerNotJoinedException("This peer has not joined yet: group '" + group + "' cannot be asked"
                    + (last == null ? "" : ". The last reason: " + last.getMessage()));
        }
        return found;
    }

    PeerStatus status() {
        long now = machine().nanoTime();
        Map<String, PeerStatus.GroupStatus> states = new LinkedHashMap<>();
        groups.forEach((name, group) -> states.put(name, status(group.snapshot())));
        Permission permission = incarnation().permission();
        return new PeerStatus(
                incarnation().ref(),
                !isStopped(),
                joining.isJoined(),
                permission.valid(now),
                permission.headroom(now),
                states);
    }

    private static PeerStatus.GroupStatus status(GroupSnapshot group) {
        Map<Phase, Integer> phases = new EnumMap<>(Phase.class);
        group.counts().forEach((status, count) -> phases.merge(phase(status), count, Integer::sum));
        Set<String> stuck = new TreeSet<>(group.stuck());
        stuck.addAll(group.abandoned());
        return new PeerStatus.GroupStatus(group.terminated(), phases, stuck, new TreeSet<>(group.quarantined()));
    }

    private static Phase phase(Status status) {
        return switch (status) {
            case STARTING -> Phase.STARTING;
            case RUNNING -> Phase.RUNNING;
            case STOPPING -> Phase.STOPPING;
            case STUCK, ABANDONED -> Phase.STUCK;
            case AWAITING_TOKEN, DELAYED -> Phase.RESTARTING;
            case DOWN -> Phase.STOPPED;
            case COMPLETED -> Phase.COMPLETED;
            case QUARANTINED -> Phase.QUARANTINED;
        };
    }

    // ---- for members
    // ---------------------------------------------------------------------------------------------------

    @Override
    public Incarnation incarnation() {
        return joining.incarnation();
    }

    /** Null while this peer is no member. */
    private @Nullable Incarnation joinedOne() {
        return joining.isJoined() ? joining.incarnation() : null;
    }

    @Override
    public PeerSettings settings() {
        return settings;
    }

    @Override
    public StoreWorker work() {
        return work;
    }

    @Override
    public StoreWorker reads() {
        return reads;
    }

    @Override
    public Platform machine() {
        return environment.machine();
    }

    @Override
    public boolean mayStart() {
        return joining.isJoined()
                && !leaving.hasBegun()
                && tokens.isSettled()
                && incarnation().permission().valid(machine().nanoTime());
    }

    @Override
    public boolean isJoined() {
        return joining.isJoined();
    }

    @Override
    public boolean isLeaving() {
        return leaving.hasBegun();
    }

    @Override
    public void stuck(String childId) {
        if (settings.onStuckChild() == OnStuckChild.HALT) {
            later(() -> log.error("Child '{}' does not end when it is told to: this process is halted", childId));
            events.awaitDelivered(LAST_WORDS); // an appender that hangs does not keep the process alive
            environment.machine().halt(Peer.HALTED);
        }
    }

    @Override
    public HighestToken highestToken() {
        return environment.highestToken();
    }

    @Override
    public void publish(SupervisorEvent event) {
        events.publish(event);
    }

    @Override
    public void later(Runnable task) {
        events.execute(task);
    }

    @Override
    public void leaveAdvanced() {
        leaving.advanced();
    }

    @Override
    public Instant now() {
        return environment.clock().instant();
    }

    @Override
    public @Nullable Duration sinceLastSeen(PeerId peer) {
        return accuser.sinceLastSeen(peer);
    }

    // ---- on the renew thread
    // -------------------------------------------------------------------------------------------

    @Override
    public @Nullable Incarnation toRenew() {
        if (!joining.isJoined() && !leaving.hasBegun()) {
            rejoin();
        }
        return joinedOne();
    }

    @Override
    public void answered(Renewal renewal, boolean wasAway) {
        tokens.answeredBy(renewal.server());
        if (wasAway) {
            tokens.doubt();
        }
    }

    @Override
    public void renewed(Incarnation me, Renewal renewal, long sentAt, long repliedAt, boolean late) {
        measurements.execute(() -> environment.monitor().renewed(Duration.ofNanos(repliedAt - sentAt)));
        boolean peersWent = accuser.observed(renewal, repliedAt, late);
        watchNeighbour(me, renewal);
        boolean regained = lost && me.permission().valid(machine().nanoTime());
        if (regained) {
            lost = false;
            Duration after = Duration.ofNanos(repliedAt - lostAt);
            later(() -> log.info("The lease is renewed: children may run again after {} ms", after.toMillis()));
            publish(new SupervisorEvent.PermissionRegained(now(), me.id(), after));
        }
        boolean sweep = peersWent || regained || ++renewalsSinceSweep >= RENEWALS_PER_SWEEP;
        if (sweep) {
            renewalsSinceSweep = 0;
        }
        tokens.settle();
        startUp.permitted();
        for (GroupLoop group : groups()) {
            GroupBeat beat = renewal.groups().get(group.group());
            if (beat == null && !leaving.hasBegun()) {
                wentBack("the row of group '" + group.group() + "' or of this peer's membership is gone");
                return;
            }
            group.renewed(beat, sweep);
        }
    }

    /** The peer to watch follows from the members as last read, so a change takes effect only two renewals later. */
    private void watchNeighbour(Incarnation me, Renewal renewal) {
        locks = renewal.locks();
        List<List<MemberRow>> members =
                groups().stream().map(GroupLoop::members).toList();
        watch.over(WatchRing.watched(me.id(), members, locks.keySet())
                .map(locks::get)
                .orElse(null));
    }

    @Override
    public void failed(Incarnation me) {
        measurements.execute(environment.monitor()::renewalFailed);
        accuser.startAnew();
    }

    /** Acts before it logs, as the watchdog does. */
    @Override
    public void suspended(Incarnation me, Duration unseen) {
        revoke();
        later(() -> log.error(
                "This machine stood still for about {} ms without its clock showing it, or the database's clock was set forward:"
                        + " children stop here, and start again in place",
                unseen.toMillis()));
        publish(new SupervisorEvent.PeerSuspended(now(), me.id(), unseen));
        publish(new SupervisorEvent.PermissionLost(now(), me.id()));
    }

    @Override
    public void expelled(Incarnation me) {
        if (endIncarnation(me)) {
            later(() -> log.error(
                    "This peer, {}, was declared dead: its children stop here, and it joins anew under another id",
                    me.id()));
            publish(new SupervisorEvent.PeerExpelled(now(), me.id()));
        }
    }

    @Override
    public void wentBack(Incarnation me, String contradiction) {
        Duration patience = PeerObservations.patience(settings.lease());
        joining.waitUntil(machine().nanoTime() + patience.toNanos());
        if (endIncarnation(me)) {
            later(() -> log.error(
                    "The database went back in time: {}. It was restored, an older copy of it took over, or somebody deleted or replaced rows of"
                            + " schema mirrored_supervisor. The children of this peer, {}, stop here. It joins anew under another id in {} ms,"
                            + " when no peer can run children any more by what was lost, and every fencing token from then on is greater"
                            + " than any that it remembers.",
                    contradiction,
                    me.id(),
                    patience.toMillis()));
            publish(new SupervisorEvent.DatabaseWentBack(now(), me.id(), contradiction));
        }
    }

    /** Returns whether this call ended it; false if the peer's own leave or another call did. */
    private boolean endIncarnation(Incarnation me) {
        if (leaving.hasLeft() || !me.permission().endNow()) {
            return false;
        }
        groups().forEach(group -> group.revoke(false));
        joining.end();
        accuser.startAnew();
        return true;
    }

    private void rejoin() {
        if (joining.begin()) {
            work.submit(session -> {
                try {
                    // If one loop has not handled this, the next renewal tries again.
                    if (groups().stream().allMatch(group -> group.expelled(settings.renewInterval()))) {
                        joining.join(session);
                        lost = false;
                        joining.confirm();
                    }
                } finally {
                    joining.finish();
                }
            });
        }
    }

    // ---- on the work thread
    // -------------------------------------------------------------------------------------------

    @Override
    public void wentBack(String contradiction) {
        if (joining.isJoined()) {
            wentBack(incarnation(), contradiction);
        }
    }

    // ---- on other threads
    // ----------------------------------------------------------------------------------------------

    /** On the watchdog: acts before it logs. */
    private void permissionExpired() {
        revoke();
        if (!isStopped()) {
            later(() -> log.error(
                    "The lease ran out before it could be renewed: children stop here until the database answers"));
            publish(new SupervisorEvent.PermissionLost(now(), incarnation().id()));
        }
    }

    private void revoke() {
        tokens.doubt();
        groups().forEach(group -> group.revoke(true));
        lostAt = machine().nanoTime();
        lost = true;
        accuser.startAnew();
    }

    /** On the watch thread (protocol rule 10). */
    private void sessionLost(SessionLock lock, long releasedAt) {
        for (GroupLoop group : groups()) {
            WatchRing.rank(incarnation().id(), lock.peer(), group.members(), locks.keySet())
                    .ifPresent(rank -> group.sessionLost(lock, releasedAt, Reconciler.RANK_STEP.multipliedBy(rank)));
        }
    }

    private void hinted(Hint hint) {
        if (hint.peer() != null && !hint.peer().equals(incarnation().id())) {
            return;
        }
        for (GroupLoop group : groups()) {
            if (hint.group() == null || hint.group().equals(group.group())) {
                group.hinted(hint);
            }
        }
    }

    private void lookAtAll() {
        groups().forEach(GroupLoop::lookAtAll);
    }

    /** Waits until earlier events are delivered, before this peer is gone. */
    void awaitTold() {
        events.awaitDelivered(settings.renewInterval());
    }

    private void close() {
        joining.end();
        incarnation().permission().end();
        loops.forEach(Loop::close);
        watch.close();
        groups().forEach(GroupLoop::close);
        warmUp.close();
        work.close();
        reads.close();
        events.close();
        measurements.close();
    }

    /**
     * Whether a child may run now, as far as the lease is concerned.
     *
     * @param ridesOutages whether the child keeps running while the database is away
     */
    boolean permits(boolean ridesOutages) {
        Permission permission = incarnation().permission();
        return permission.valid(machine().nanoTime()) || (ridesOutages && permission.deadline() != null);
    }
}
