package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.group.ReconcileContext.Launched;
import io.github.mirroredsupervisor.internal.platform.Failures;
import io.github.mirroredsupervisor.internal.store.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import io.github.mirroredsupervisor.internal.supervision.run.SupervisionListener;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the local supervisor's transitions over to the work thread, where all that have gathered are turned into as few
 * writes as possible. The listener's methods run on the supervisor's thread and only queue and publish.
 */
public final class Transitions implements SupervisionListener, GroupMember.Transit {

    private static final Logger log = LoggerFactory.getLogger(Transitions.class);

    /**
     * What nobody waits for is written after this fraction of the renewal interval, together with what has gathered by
     * then.
     */
    private static final int GATHERING_DIVISOR = 10;

    /**
     * How long a child that was stopped for the leave waits for its siblings, so that one transaction hands many over.
     */
    private static final Duration HAND_OVER_GATHERING = Duration.ofMillis(2);

    private final PeerContext peer;
    private final Gathering gathering;

    /** Supervisor's thread only: children that were told to stop because this peer leaves. */
    private final Set<String> leaving = new HashSet<>();

    /** Work thread only: children to compare again when the queue is drained. */
    private final Set<String> toReconcile = new HashSet<>();

    /** Work thread only: when the first child was stopped that waits for others before it is handed over. */
    private long heldSince;

    private @Nullable GroupMember boundMember;

    public Transitions(PeerContext peer) {
        this.peer = peer;
        this.gathering = new Gathering(peer.work(), this::drain);
    }

    /** Before the first transition. */
    public void bind(GroupMember member) {
        this.boundMember = member;
    }

    private GroupMember member() {
        return Objects.requireNonNull(boundMember);
    }

    @Override
    public void enqueue(Runnable transition) {
        gathering.atOnce(transition);
    }

    @Override
    public void take() {
        gathering.take();
    }

    private Duration gatheringTime() {
        return peer.settings().renewInterval().dividedBy(GATHERING_DIVISOR);
    }

    /** Writes what has gathered. Also called after an outage, when a drain had failed. On the work thread. */
    public void drain(WorkSession session) {
        gathering.take();
        releaseHeld();
        boolean wrote = !member().outbox().isEmpty();
        Set<String> released =
                member().outbox().flush(session, peer.incarnation().id());
        if (!released.isEmpty()) {
            released.forEach(member().local()::forget);
            member().grants().tellOfReleased(released, null);
        }
        StoreException unsettled = settle(session);
        if (!toReconcile.isEmpty()) {
            reconcile(session, Set.copyOf(toReconcile));
        } else if (wrote) {
            member().answers().check(session);
        }
        peer.drained(session);
        if (unsettled != null) {
            throw unsettled;
        }
    }

    /** A group's end waits for the group's row, which somebody may keep locked; nothing else is to wait for that. */
    private @Nullable StoreException settle(WorkSession session) {
        try {
            if (member().life().settle(session, member().outbox().unwritten())) {
                member().reconcileAll(session);
            }
            return null;
        } catch (StoreException e) {
            return e;
        }
    }

    private void reconcile(WorkSession session, Set<String> ids) {
        toReconcile.clear();
        try {
            member().reconcile(session, ids);
        } catch (RuntimeException e) {
            toReconcile.addAll(ids);
            throw e;
        }
    }

    /** Whether something waits to be written since a drain failed. */
    public boolean hasUnwritten() {
        return !gathering.isEmpty()
                || !toReconcile.isEmpty()
                || member().life().hasUnwritten()
                || !member().outbox().isEmpty();
    }

    @Override
    public void started(LocalChild child, StartCause cause) {
        member().initialStart().started(child.id());
        Duration unowned = member().grants().takeUnowned(child.id());
        peer.publish(
                new SupervisorEvent.ChildStarted(peer.now(), member().ref(child.id(), child.token()), cause, unowned));
        Runnable report = () -> {
            member().setbacks().started(child.id());
            member().answers().note(child.id(), new PendingCalls.Outcome(child.token(), null));
            Launched launched = member().ledger().launchedFor(child.id());
            member().outbox().report(child, Phase.RUNNING, launched == null ? null : launched.answers(), null, null);
        };
        if (cause == StartCause.STARTED) {
            enqueue(report); // somebody may wait for it
        } else {
            gathering.soon(report, gatheringTime());
        }
    }

    @Override
    public void startFailed(LocalChild child, StartCause cause, Throwable failure) {
        String text = child.lastExit() == null
                ? Failures.text(failure)
                : child.lastExit().reason();
        boolean ignored = failure instanceof ChildExit exit && exit.kind() == LastExit.Kind.IGNORED;
        if (!ignored) {
            peer.publish(new SupervisorEvent.ChildStartFailed(
                    peer.now(), member().ref(child.id(), child.token()), cause, String.valueOf(text)));
        }
        if (ignored) {
            member().initialStart().started(child.id());
        } else if (member().initialStart().failed(child.id(), failure)) {
            return; // this peer leaves, and what it does not run is released
        }
        enqueue(() -> {
            member().answers().note(child.id(), new PendingCalls.Outcome(child.token(), failure));
            writeFailedStart(child, ignored, String.valueOf(text));
        });
    }

    private void writeFailedStart(LocalChild child, boolean ignored, String text) {
        Launched launched = member().ledger().launchedFor(child.id());
        Long revision = launched == null ? null : launched.answers();
        if (child.status() == Status.DELAYED) {
            if (!member().offer(child)) {
                member().outbox().report(child, Phase.RESTARTING, null, null, null);
            }
        } else if (child.status() == Status.AWAITING_TOKEN) {
            log.debug("Child '{}' is restarted after a failed start", child.id());
        } else if (ignored && child.spec().restart() != RestartType.TEMPORARY) {
            member().outbox().report(child, Phase.COMPLETED, revision, null, null);
        } else if (child.spec().restart() == RestartType.TEMPORARY
                || (launched != null && launched.command() == Command.START)) {
            member().outbox().remove(child.id(), child.token());
            member().local().forget(child.id());
        } else {
            member().outbox().report(child, Phase.STOPPED, revision, text, DesiredState.STOPPED);
        }
    }

    @Override
    public void exited(LocalChild child) {
        LastExit exit = Objects.requireNonNull(child.lastExit(), "an exit has a manner");
        peer.publish(new SupervisorEvent.ChildExited(peer.now(), member().ref(child.id(), child.token()), exit));
        enqueue(() -> {
            if (child.spec().significant() && child.status().isOver()) {
                member().life().significantEnded(child.id());
            }
            if (child.spec().restart() == RestartType.TEMPORARY) {
                member().outbox().remove(child.id(), child.token());
            } else if (child.status() == Status.COMPLETED) {
                member().outbox().report(child, Phase.COMPLETED, null, null, null);
            } else if (child.status() == Status.DELAYED) {
                member().outbox().report(child, Phase.RESTARTING, null, null, null);
            }
        });
    }

    @Override
    public void tokenNeeded(LocalChild child) {
        enqueue(() -> toReconcile.add(child.id()));
    }

    @Override
    public void restartDelayed(LocalChild child, Duration delay) {
        peer.publish(new SupervisorEvent.ChildRestartDelayed(peer.now(), member().group(), child.id(), delay));
        enqueue(() -> reportIfStill(child, Phase.RESTARTING));
    }

    @Override
    public void stopping(LocalChild child, StopReason reason) {
        if (reason == StopReason.LEAVING) {
            leaving.add(child.id());
        }
        if (reason != StopReason.PERMISSION_LOST) {
            // Most children stop sooner than that, and the next owner waits for what comes after it.
            Runnable report = () -> reportIfStill(child, Phase.STOPPING);
            peer.work().schedule(session -> gathering.soon(report, gatheringTime()), gatheringTime());
        }
    }

    /** A passing phase is not worth a write, and a reconciliation may have written what came after it. */
    private void reportIfStill(LocalChild child, Phase phase) {
        LocalChild now = member().local().children(Set.of(child.id())).get(child.id());
        if (now != null && now.status() == child.status() && now.token() == child.token()) {
            member().outbox().report(child, phase, null, null, null);
        }
    }

    @Override
    public void stopped(LocalChild child, StopReason reason) {
        if (child.status() != Status.ABANDONED) {
            ChildRef run = member().ref(child.id(), child.token());
            peer.publish(new SupervisorEvent.ChildStopped(peer.now(), run, reason.name()));
        }
        leaving.remove(child.id());
        if (leaving.isEmpty()) {
            enqueue(() -> writeStopped(child, reason));
        } else {
            gathering.soon(() -> writeStopped(child, reason), HAND_OVER_GATHERING);
        }
    }

    private void writeStopped(LocalChild child, StopReason reason) {
        switch (reason) {
            case LEAVING -> {
                if (child.spec().restart() == RestartType.TEMPORARY) {
                    member().outbox().remove(child.id(), child.token());
                } else {
                    handOver(child);
                }
            }
            case GROUP_TERMINATED -> {
                Phase rest = Reconciler.phaseAtRest(child);
                member().outbox().report(child, rest, null, null, null);
            }
            case NOT_OWNED -> {
                member().local().forget(child.id());
                toReconcile.add(child.id());
            }
            case TERMINATED, REPLACED, MOVING -> toReconcile.add(child.id());
            case PERMISSION_LOST -> {
                if (peer.mayStart()) { // it ended after the permission had come back
                    toReconcile.add(child.id());
                }
            }
            case SIBLING, HUNG -> log.debug("Child '{}' waits to be started again", child.id());
        }
    }

    private void handOver(LocalChild child) {
        Outbox outbox = member().outbox();
        if (member().local().isOneForOne()) {
            outbox.release(child, member().successors().of(child.spec()));
            return;
        }
        if (!outbox.isHolding()) {
            heldSince = peer.machine().nanoTime();
        }
        outbox.hold(child);
    }

    /**
     * Children that depend on each other are stopped in reverse order; handed over one by one, they would start
     * elsewhere in reverse order. So they wait for each other, but not for one that is stuck, and no longer than it
     * would take if this process had died.
     */
    private void releaseHeld() {
        Outbox outbox = member().outbox();
        if (outbox.isHolding() && (haveAllStopped() || isOverdue())) {
            outbox.releaseHeld();
        }
    }

    /** A child's status shows its end a moment before that is said here: what is only about to be said is waited for. */
    private boolean haveAllStopped() {
        boolean ended = member().local().statuses().noneMatch(Status::isStoppable)
                && member().local().unannounced().isEmpty();
        if (ended) {
            gathering.take();
        }
        return ended;
    }

    private boolean isOverdue() {
        return peer.machine().nanoTime() - heldSince >= peer.settings().lease().toNanos();
    }

    @Override
    public void stuck(LocalChild child) {
        peer.publish(new SupervisorEvent.ChildStuck(peer.now(), member().ref(child.id(), child.token())));
        peer.stuck(child.id());
        enqueue(() -> reportIfStill(child, Phase.STUCK));
    }

    @Override
    public void abandoned(LocalChild child) {
        peer.publish(new SupervisorEvent.ChildAbandoned(peer.now(), member().ref(child.id(), child.token())));
    }

    @Override
    public void quarantined(LocalChild child, String reason) {
        ChildRef run = member().ref(child.id(), child.token());
        peer.publish(new SupervisorEvent.ChildQuarantined(peer.now(), run, reason));
        enqueue(() -> member().outbox().report(child, Phase.QUARANTINED, null, reason, null));
    }

    @Override
    public void gaveUp(String reason) {
        enqueue(() -> {
            member().ledger().nothingInFlight();
            member().life().intensityExceeded(reason);
        });
    }
}
