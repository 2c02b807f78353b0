package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.calls.GroupCalls;
import io.github.mirroredsupervisor.internal.group.GroupDefinition;
import io.github.mirroredsupervisor.internal.group.GroupMember;
import io.github.mirroredsupervisor.internal.group.PeerContext;
import io.github.mirroredsupervisor.internal.group.Transitions;
import io.github.mirroredsupervisor.internal.peer.PeerStatus.GroupStatus;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.sessions.NotificationPace;
import io.github.mirroredsupervisor.internal.store.GroupRow;
import io.github.mirroredsupervisor.internal.store.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.store.GroupSettings;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.Renewal.GroupBeat;
import io.github.mirroredsupervisor.internal.store.SessionLock;
import io.github.mirroredsupervisor.internal.store.StoreWorker;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.SupervisorFlags;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One member with what belongs to it, and the ways other threads wake it. Thread-safe. */
final class MemberUnit {

    private static final Logger log = LoggerFactory.getLogger(MemberUnit.class);

    /** If hints name more children than that, looking at all is as good. */
    private static final int MOST_HINTED = 1000;

    /** Sweeps for one change after the other take no more than one part in so many of the work thread's time. */
    private static final int REST_OF_SWEEPS = 10;

    private final GroupMember member;
    private final Transitions transitions;
    private final GroupCalls calls;
    private final StoreWorker work;
    private final Platform machine;
    private final AtomicBoolean sweepQueued = new AtomicBoolean();
    private final AtomicBoolean hintsQueued = new AtomicBoolean();
    private final AtomicBoolean hintedSweepQueued = new AtomicBoolean();
    private final Set<String> hinted = ConcurrentHashMap.newKeySet();
    private final NotificationPace pace;

    /** A reconciliation is due, or has failed and is repeated with the next renewal. */
    private volatile boolean owed;

    /** When the next sweep may be, for a change that hints have most likely told of already. Work thread writes. */
    private volatile long notBefore;

    /** When the next sweep may be that hints alone ask for: half of the time is for other work. Work thread writes. */
    private volatile long restUntil;

    private MemberUnit(GroupMember member, Transitions transitions, GroupCalls calls, PeerContext peer) {
        this.machine = peer.machine();
        this.notBefore = machine.nanoTime();
        this.restUntil = machine.nanoTime();
        this.pace = new NotificationPace(machine::nanoTime);
        this.member = member;
        this.transitions = transitions;
        this.calls = calls;
        this.work = peer.work();
    }

    static MemberUnit create(
            GroupDefinition definition, List<GroupRow> rows, PeerRuntime peer, PeerRuntime.Environment environment) {
        GroupSettings settings = definition.settings();
        GroupRow row = rows.stream()
                .filter(r -> r.name().equals(settings.name()))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("the store lost group '" + settings.name() + "' on joining"));
        warnIfOtherwise(settings, row);
        Transitions transitions = new Transitions(peer);
        LocalSupervisor local = new LocalSupervisor(
                new SupervisorFlags(
                        row.flags().strategy(),
                        row.flags().intensity(),
                        row.flags().period(),
                        settings.restartDelay(),
                        row.flags().onIntensityExceeded(),
                        new SupervisorFlags.Bounds(
                                peer.settings().stopBound(), peer.settings().lease())),
                new GroupRuns(definition, peer, environment),
                transitions,
                environment.childThreads(),
                environment.clock(),
                peer.machine());
        GroupMember member = new GroupMember(definition, row.flags().autoShutdown(), peer, local, transitions);
        transitions.bind(member);
        return new MemberUnit(member, transitions, new GroupCalls(member, peer), peer);
    }

    /** Semantics row B11: the group's flags live in its row. */
    private static void warnIfOtherwise(GroupSettings mine, GroupRow row) {
        Flags own = Flags.of(mine);
        if (!own.equals(row.flags())) {
            log.warn(
                    "Group '{}' has live members with other settings, and this peer uses theirs: {}; its own were {}",
                    mine.name(),
                    row.flags(),
                    own);
        }
    }

    String name() {
        return member.group();
    }

    GroupMember member() {
        return member;
    }

    GroupCalls calls() {
        return calls;
    }

    /**
     * On the work thread, before the next incarnation: nothing that was launched for the last one may begin under the
     * permission of the next.
     *
     * @return whether the local supervisor has carried out everything that it was told
     */
    boolean expelled(Duration limit) {
        member.local().revoke(false);
        member.expelled();
        CompletableFuture<Boolean> carriedOut = new CompletableFuture<>();
        member.local().afterCarriedOut(() -> carriedOut.complete(true));
        return machine.awaitDone(carriedOut, limit);
    }

    /** On the work thread. */
    boolean hasLaunchesInFlight() {
        return !member.ledger().inFlight().isEmpty();
    }

    boolean hasUnwritten() {
        return transitions.hasUnwritten() || !member.local().unannounced().isEmpty();
    }

    /**
     * A renewal succeeded: look where its beat says something changed, and at everything now and then. Where many
     * children change for long, as when thousands are handed over, sweeps would else leave no time to carry the changes
     * out.
     */
    void renewed(@Nullable GroupBeat beat, boolean sweep) {
        if (transitions.hasUnwritten()) {
            work.submit(transitions::drain);
        }
        boolean changed = beat != null && beat.revision() != member.revision() && machine.nanoTime() - notBefore >= 0;
        boolean ended = beat != null && beat.terminated() != member.isTerminated();
        if (changed || ended || sweep || owed) {
            sweep();
        }
    }

    void sweep() {
        owed = true;
        if (sweepQueued.compareAndSet(false, true)) {
            work.submit(session -> {
                sweepQueued.set(false);
                sweep(session);
            });
        }
    }

    private void sweep(WorkSession session) {
        owed = false;
        long began = machine.nanoTime();
        repeatIfFailing(() -> member.reconcileAll(session));
        long ended = machine.nanoTime();
        notBefore = ended + REST_OF_SWEEPS * (ended - began);
        restUntil = ended + (ended - began);
    }

    private void repeatIfFailing(Runnable reconciliation) {
        try {
            reconciliation.run();
        } catch (RuntimeException e) {
            owed = true;
            throw e;
        }
    }

    /**
     * Looks at some children, or at all if none is named; for answers only where somebody waits. Not more often than
     * the pace allows.
     */
    void hinted(Hint hint) {
        if (hint.answersOnly()) {
            member.answers().hinted();
        } else if (hint.childIds().isEmpty()) {
            hintedSweep();
        } else {
            hinted(hint.childIds());
        }
    }

    private void hintedSweep() {
        if (hintedSweepQueued.compareAndSet(false, true)) {
            long rest = Math.max(0, restUntil - machine.nanoTime());
            work.schedule(
                    session -> {
                        hintedSweepQueued.set(false);
                        sweep(session);
                    },
                    longer(Duration.ofNanos(rest), pace.take(NotificationPace.EVERYTHING)));
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private void hinted(Set<String> childIds) {
        if (hinted.size() + childIds.size() > MOST_HINTED) {
            hintedSweep();
            return;
        }
        hinted.addAll(childIds);
        if (hintsQueued.compareAndSet(false, true)) {
            work.schedule(
                    session -> {
                        hintsQueued.set(false);
                        Set<String> ids = Set.copyOf(hinted);
                        hinted.removeAll(ids);
                        repeatIfFailing(() -> member.reconcile(session, ids));
                    },
                    pace.take(1));
        }
    }

    /** Protocol rule 10, after this delay. Not repeated if it fails: the lease brings what a hint does not. */
    void takeOver(SessionLock lost, long releasedAt, Duration delay) {
        work.schedule(session -> member.takeOver(session, lost, releasedAt), delay);
    }

    GroupStatus status() {
        Map<Phase, Integer> phases = new EnumMap<>(Phase.class);
        member.local().statuses().forEach(status -> phases.merge(phase(status), 1, Integer::sum));
        Set<String> stuck = new TreeSet<>();
        Set<String> quarantined = new TreeSet<>(member.quarantined());
        if (phases.containsKey(Phase.STUCK) || phases.containsKey(Phase.QUARANTINED)) {
            member.local().children().values().forEach(child -> {
                Phase phase = phase(child.status());
                if (phase == Phase.STUCK) {
                    stuck.add(child.id());
                } else if (phase == Phase.QUARANTINED) {
                    quarantined.add(child.id());
                }
            });
        }
        return new GroupStatus(member.isTerminated(), phases, stuck, quarantined);
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
