package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.calls.GroupSupervisor;
import io.github.mirroredsupervisor.internal.calls.PeerCalls;
import io.github.mirroredsupervisor.internal.context.ArgumentMapper;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.HighestToken;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.PeerObservations;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.lease.PeerState;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.liveness.Watchdog;
import io.github.mirroredsupervisor.internal.platform.JvmPlatform;
import io.github.mirroredsupervisor.internal.platform.PeerMonitor;
import io.github.mirroredsupervisor.internal.reconcile.Reconciler;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One application instance among its peers. Thread-safe; may be started again after it was stopped.
 *
 * <p>How each child runs on exactly one peer (the protocol's rules are in brackets):
 *
 * <ol>
 *   <li>Every peer has one row and one lease. Five times per lease it raises the row's counter, on a separate
 *       connection. From the moment it <em>sent</em> the last confirmed renewal it may run children for the length of
 *       the lease, less the time they need to stop; then its {@link Watchdog} stops them [1, 2].
 *   <li>The same round trip reads the counters of the peers that this one watches. A counter that has not changed for
 *       the victim's whole lease, timed from the reply that first showed it on the reader's own clock, proves that the
 *       victim's permission has ended ({@link PeerObservations}) [3, 3b].
 *   <li>The earliest live peer then writes the death certificate, if the counter is still the one it timed: a victim
 *       that renewed in between lives; any other can never renew again under that id [4, 6].
 *   <li>Children without a live owner are claimed by compare-and-set on owner and token, under a greater token, and
 *       started once the claim is committed and the claimer's own permission is still valid ({@link Reconciler}) [5,
 *       7].
 *   <li>A peer that leaves stops each child, and hands it over once its stop is confirmed ({@code RollingStop} defines
 *       the order). When all are handed over, the peer is LEFT. It owns a child that does not stop until its lease ends
 *       [8, 9].
 *   <li>Children whose effects are fenced or idempotent need not wait for the lease: each peer's listen session holds a
 *       lock, and its neighbour in the {@code WatchRing} waits for that lock. When a blocked wait is granted, the
 *       children move at once, by the same compare-and-set. This is a hint and may be wrong; an owner that is alive
 *       then finds that it no longer owns them [10].
 * </ol>
 *
 * <p>A peer has one thread for each of renew, work, listen, watch, read, watchdog, events and meters, one for each
 * group's loop, and those of the children. Renew, work, listen, watch and read have a database connection each, and
 * none of them waits for another. Queries of people and monitors go to the read thread, so that they delay nothing that
 * must happen in time [13]. The store announces changes after their commit, on one more thread with a separate
 * connection.
 */
public final class Peer {

    private final PeerSettings settings;
    private final Store store;
    private final PeerEnvironment environment;
    private final Map<String, GroupDefinition> groups = new LinkedHashMap<>();
    private final Map<String, MirroredSupervisor> supervisors = new LinkedHashMap<>();

    /** Guarded by this for writing. */
    private volatile @Nullable PeerRuntime runtime;

    private final AtomicReference<PeerCalls> calls;

    /**
     * A peer that is not started yet.
     *
     * @param groups its groups; at least one, names unique
     * @param childThreads makes the thread of each run, platform or virtual
     * @param clock the wall clock, for timestamps that people see
     * @param fence runs the fenced transactions of children
     */
    public Peer(
            PeerSettings settings,
            List<GroupDefinition> groups,
            Store store,
            ArgumentMapper arguments,
            PeerMonitor monitor,
            ThreadFactory childThreads,
            Clock clock,
            Fence fence) {
        this(settings, groups, store, arguments, monitor, childThreads, clock, fence, () -> {});
    }

    /**
     * A peer that is not started yet, on a store that may have to be made ready first.
     *
     * @param preparation makes the store ready to be joined, or throws; called before each try to join
     */
    public Peer(
            PeerSettings settings,
            List<GroupDefinition> groups,
            Store store,
            ArgumentMapper arguments,
            PeerMonitor monitor,
            ThreadFactory childThreads,
            Clock clock,
            Fence fence,
            StorePreparation preparation) {
        this.settings = settings;
        this.store = store;
        this.environment = new PeerEnvironment(
                arguments,
                monitor,
                childThreads,
                clock,
                fence,
                Collections.unmodifiableMap(supervisors),
                new JvmPlatform(),
                preparation,
                new HighestToken(),
                settings.lease());
        this.calls = new AtomicReference<>(PeerCalls.notRunning(new PeerState(notRunning())));
        for (GroupDefinition group : groups) {
            String name = group.settings().name();
            if (this.groups.put(name, group) != null) {
                throw new IllegalArgumentException("group '" + name + "' is defined twice in one process");
            }
            supervisors.put(name, new GroupSupervisor(group, calls, store));
        }
    }

    /**
     * Joins under a new id and begins to run children. A failed try is repeated until the call time-out ends; a
     * {@linkplain Startup#LENIENT lenient} start returns before that and goes on trying. Does nothing if this peer is
     * running or starting.
     *
     * @throws io.github.mirroredsupervisor.StoreException if it could not join, and its start is strict; the peer is
     *     not started then
     * @throws StartAbandonedException if it was stopped meanwhile, or the calling thread interrupted; it has left then
     * @throws io.github.mirroredsupervisor.ChildStartException if a declared child that this start requires could not
     *     be started; the peer has left then
     */
    public void start() {
        PeerRuntime next;
        synchronized (this) { // not held during the start, so that stop() can end it
            PeerRuntime present = runtime;
            if (present != null && !present.isStopped()) {
                return;
            }
            next = new PeerRuntime(settings, List.copyOf(groups.values()), store, environment);
            runtime = next; // before the first child starts, whose init may call its own supervisor
            calls.set(next.calls());
        }
        var unused = next.begin();
        next.awaitStarted();
    }

    /**
     * Leaves, also while it is starting: stops the children, releases each as its stop is confirmed, and marks the peer
     * LEFT. Completes when nothing more can be done; never exceptionally. Repeated calls return the same future.
     */
    public synchronized CompletableFuture<Void> stop() {
        PeerRuntime present = runtime;
        if (present == null) {
            return CompletableFuture.completedFuture(null);
        }
        return present.stop();
    }

    /**
     * The supervisor of a group of this peer; the same object through restarts of the peer.
     *
     * @throws IllegalArgumentException if this peer has no such group
     */
    public MirroredSupervisor supervisor(String group) {
        MirroredSupervisor supervisor = supervisors.get(group);
        if (supervisor == null) {
            throw new IllegalArgumentException("this peer has no group '" + group + "', only " + supervisors.keySet());
        }
        return supervisor;
    }

    /** What this peer knows of itself, without a query. */
    public PeerStatus status() {
        PeerRuntime present = runtime;
        if (present != null) {
            return present.status();
        }
        return new PeerStatus(notRunning().ref(), false, false, false, Duration.ZERO, Map.of());
    }

    private Incarnation notRunning() {
        return Incarnation.of(settings, PeerId.random());
    }
}
