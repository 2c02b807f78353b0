package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.calls.PeerCalls;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.GroupSnapshot;
import io.github.mirroredsupervisor.internal.group.Groups;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.LeaseRenewer;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.lease.PeerState;
import io.github.mirroredsupervisor.internal.lease.Permission;
import io.github.mirroredsupervisor.internal.liveness.PeerMembership;
import io.github.mirroredsupervisor.internal.liveness.TokenCheck;
import io.github.mirroredsupervisor.internal.platform.EventPublisher;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.StoreWorker;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A peer from one start to the following stop. Thread-safe. */
public final class PeerRuntime {

    private static final Logger log = LoggerFactory.getLogger(PeerRuntime.class);

    private final PeerContext peer;
    private final Groups groups = new Groups();
    private final PeerCalls calls;
    private final Entry entry;
    private final StartupBarrier startup;
    private final Departure departure;
    private final CompletableFuture<Void> ended;

    public PeerRuntime(
            PeerSettings settings, List<GroupDefinition> definitions, Store store, PeerEnvironment environment) {
        Platform machine = environment.machine();
        EventPublisher events = new EventPublisher(environment.monitor(), machine);
        this.peer = new PeerContext(
                settings,
                new PeerState(Incarnation.of(settings, machine.newId())),
                StoreWorker.forOwnership(store.openWork(), machine, events),
                StoreWorker.forQueries(store.openReads(), machine, events),
                machine,
                events,
                environment.clock(),
                environment.highestToken());
        this.calls = PeerCalls.starting(peer.state());
        PeerMembership membership = new PeerMembership(peer, definitions);
        TokenCheck tokens = new TokenCheck(peer, groups);
        LeaseRenewer renewer = new LeaseRenewer(store.openRenewals(), settings, events, machine);
        PeerThreads threads =
                new PeerThreads(peer, definitions, environment, store, membership, groups, calls, renewer, tokens);
        this.entry = new Entry(peer, membership, environment.preparation(), store, renewer, tokens, threads);
        this.startup = new StartupBarrier(peer, entry, groups);
        this.departure = new Departure(peer, groups);
        this.ended = departure.done().thenRun(threads::close);
    }

    /** Begins to join. Completes when this peer is a member, or never will be. */
    public CompletableFuture<Void> begin() {
        entry.begin();
        return entry.entered();
    }

    /**
     * Waits until this peer has joined, children may run, and the children that its start requires have started.
     *
     * @throws StoreException if it cannot join, and its start is strict; this peer has left then
     * @throws ChildStartException if a child could not start; this peer has left then
     * @throws StartAbandonedException if this peer was stopped meanwhile, or the caller interrupted
     */
    void awaitStarted() {
        try {
            startup.await();
        } catch (RuntimeException | Error failure) {
            boolean interrupted = Thread.interrupted(); // otherwise the wait for the leave would end at once
            if (!peer.machine().awaitDone(stop(), peer.settings().callTimeout())) {
                log.warn("This peer has not left yet after its start was undone");
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            throw failure;
        }
    }

    /** Leaves, or gives up joining; ends a start that is under way. */
    public CompletableFuture<Void> stop() {
        CompletableFuture<Void> givenUp = entry.giveUp();
        if (givenUp == null) {
            departure.begin();
        }
        startup.stopRequested();
        return givenUp == null ? ended : givenUp;
    }

    boolean isStopped() {
        return departure.done().isDone() || entry.isOver();
    }

    PeerCalls calls() {
        return calls;
    }

    /** The present incarnation, or the one that this peer is about to join as. */
    public Incarnation incarnation() {
        return peer.incarnation();
    }

    /** Whether this peer is a member now. */
    public boolean isJoined() {
        return peer.isJoined();
    }

    PeerStatus status() {
        long now = peer.machine().nanoTime();
        Map<String, PeerStatus.GroupStatus> states = new LinkedHashMap<>();
        groups.all().forEach(group -> states.put(group.group(), status(group.snapshot())));
        Permission permission = incarnation().permission();
        return new PeerStatus(
                incarnation().ref(),
                !isStopped(),
                peer.isJoined(),
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
}
