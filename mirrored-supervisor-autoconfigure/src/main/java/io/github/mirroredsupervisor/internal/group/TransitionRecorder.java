package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.platform.Failures;
import io.github.mirroredsupervisor.internal.reconcile.FailedStarts;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileContext.Launched;
import io.github.mirroredsupervisor.internal.reconcile.Reconciler;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what each transition of a child means for its row, for waiting calls, and for event listeners. It notes what
 * to write and what to compare again. It sends nothing to the store itself. Confined to the group's loop.
 */
final class TransitionRecorder {

    private static final Logger log = LoggerFactory.getLogger(TransitionRecorder.class);

    /**
     * A write that no call waits for is delayed by this fraction of the renewal interval, and joined with later ones.
     */
    private static final int GATHERING_DIVISOR = 10;

    /**
     * How long a child that was stopped for the leave waits for its siblings, so that one transaction hands many over.
     */
    private static final Duration HAND_OVER_GATHERING = Duration.ofMillis(2);

    private final PeerContext peer;
    private final GroupState state;

    /** Children that were told to stop because this peer leaves. */
    private final Set<String> leaving = new HashSet<>();

    TransitionRecorder(PeerContext peer, GroupState state) {
        this.peer = peer;
        this.state = state;
    }

    /** A failure is logged and not passed on. */
    void record(Notice notice) {
        try {
            tell(notice);
        } catch (Throwable failure) {
            // The notice itself is not printed: its spec's arguments may be secret.
            log.error("[{}] the recorder failed at {}", state.group(), notice.kind(), failure);
        }
    }

    private void tell(Notice notice) {
        LocalChild child = notice.child();
        switch (notice.kind()) {
            case STARTED -> started(child, notice.cause());
            case START_FAILED -> startFailed(child, notice.cause(), notice.failure());
            case EXITED -> exited(child);
            case TOKEN_NEEDED -> state.compare(child.id());
            case RESTART_DELAYED -> restartDelayed(child, notice.delay());
            case STOPPING -> stopping(child, notice.reason());
            case STOPPED -> stopped(child, notice.reason());
            case STUCK -> stuck(child);
            case ABANDONED -> peer.publish(new SupervisorEvent.ChildAbandoned(peer.now(), ref(child)));
            case QUARANTINED -> quarantined(child, notice.text());
            case GAVE_UP -> state.termination.intensityExceeded(notice.text());
        }
    }

    private Duration gatheringTime() {
        return peer.settings().renewInterval().dividedBy(GATHERING_DIVISOR);
    }

    private ChildRef ref(LocalChild child) {
        return new ChildRef(
                state.group(), child.id(), child.token(), peer.incarnation().ref());
    }

    private void started(LocalChild child, StartCause cause) {
        state.initialChildren.started(child.id());
        Duration unowned = state.claims.takeUnowned(child.id());
        peer.publish(new SupervisorEvent.ChildStarted(peer.now(), ref(child), cause, unowned));
        state.failedStarts.started(child.id());
        state.calls.note(child.id(), new PendingCalls.Outcome(child.token(), null));
        state.outbox.report(child, Phase.RUNNING, state.owedAnswer(child.id()), null, null);
        if (cause == StartCause.STARTED) {
            state.writeAtOnce(); // a call may wait for it
        } else {
            state.writeWithin(gatheringTime());
        }
    }

    private void startFailed(LocalChild child, StartCause cause, Throwable failure) {
        String text = String.valueOf(
                child.lastExit() == null
                        ? Failures.text(failure)
                        : child.lastExit().reason());
        boolean ignored = failure instanceof ChildExit exit && exit.kind() == LastExit.Kind.IGNORED;
        if (!ignored) {
            peer.publish(new SupervisorEvent.ChildStartFailed(peer.now(), ref(child), cause, text));
        }
        if (ignored) {
            state.initialChildren.started(child.id());
        } else if (state.initialChildren.failed(child.id(), failure)) {
            return; // this peer leaves, and what it does not run is released
        }
        state.calls.note(child.id(), new PendingCalls.Outcome(child.token(), failure));
        recordFailedStart(child, ignored, text);
        state.writeAtOnce();
    }

    private void recordFailedStart(LocalChild child, boolean ignored, String text) {
        Launched launched = state.launched.get(child.id());
        Long revision = state.owedAnswer(child.id());
        if (child.status() == Status.DELAYED) {
            if (!offer(child)) {
                state.outbox.report(child, Phase.RESTARTING, null, null, null);
            }
        } else if (child.status() == Status.AWAITING_TOKEN) {
            log.debug("Child '{}' is restarted after a failed start", child.id());
        } else if (ignored && child.spec().restart() != RestartType.TEMPORARY) {
            state.outbox.report(child, Phase.COMPLETED, revision, null, null);
        } else if (child.spec().restart() == RestartType.TEMPORARY
                || (launched != null && launched.command() == Command.START)) {
            state.outbox.remove(child.id(), child.token());
            state.local.forget(child.id());
        } else {
            state.outbox.report(child, Phase.STOPPED, revision, text, DesiredState.STOPPED);
        }
    }

    /**
     * Offers a child that could not be started to another peer, or makes it wait longer here. Returns whether it was
     * offered.
     */
    private boolean offer(LocalChild child) {
        // Children that depend on each other stay together.
        PeerId next = state.local.isOneForOne()
                ? FailedStarts.next(state.members, peer.incarnation().id(), child.spec())
                : null;
        PeerId target = state.failedStarts.failed(child.id(), next);
        if (target != null) {
            String reason = child.lastExit() == null ? "" : child.lastExit().reason();
            peer.later(() -> log.warn(
                    "Child '{}' of group '{}' cannot be started here: {}. Peer {} is to try",
                    child.id(),
                    state.group(),
                    reason,
                    target));
            state.outbox.release(child, target);
            return true;
        }
        Duration own = child.spec().restartDelay();
        GroupSettings settings = state.definition.settings();
        Duration longer = state.failedStarts.delay(
                child.id(), own == null ? settings.restartDelay() : own, settings.restartDelayMax());
        if (longer != null) {
            state.local.postpone(child.id(), child.token(), longer);
        }
        return false;
    }

    private void exited(LocalChild child) {
        LastExit exit = Objects.requireNonNull(child.lastExit(), "an exit has a manner");
        peer.publish(new SupervisorEvent.ChildExited(peer.now(), ref(child), exit));
        if (child.spec().significant() && child.status().isOver()) {
            state.termination.significantEnded(child.id());
        }
        if (child.spec().restart() == RestartType.TEMPORARY) {
            state.outbox.remove(child.id(), child.token());
        } else if (child.status() == Status.COMPLETED) {
            state.outbox.report(child, Phase.COMPLETED, null, null, null);
        } else if (child.status() == Status.DELAYED) {
            state.outbox.report(child, Phase.RESTARTING, null, null, null);
        }
        state.writeAtOnce();
    }

    private void restartDelayed(LocalChild child, Duration delay) {
        peer.publish(new SupervisorEvent.ChildRestartDelayed(peer.now(), state.group(), child.id(), delay));
        state.outbox.report(child, Phase.RESTARTING, null, null, null);
        state.writeAtOnce();
    }

    private void stopping(LocalChild child, StopReason reason) {
        if (reason == StopReason.LEAVING) {
            leaving.add(child.id());
        }
        if (reason != StopReason.PERMISSION_LOST) {
            // Most children stop before this delay is over. The next owner waits for their end, not for this phase.
            state.timers.after(gatheringTime(), () -> recordIfStill(child, Phase.STOPPING));
        }
    }

    /** Reports a phase only if it lasts: a short one is not worth a write. */
    private void recordIfStill(LocalChild child, Phase phase) {
        LocalChild now = state.local.child(child.id());
        if (now != null && now.status() == child.status() && now.token() == child.token()) {
            state.outbox.report(child, phase, null, null, null);
            state.writeWithin(gatheringTime());
        }
    }

    private void stopped(LocalChild child, StopReason reason) {
        if (child.status() != Status.ABANDONED) {
            peer.publish(new SupervisorEvent.ChildStopped(peer.now(), ref(child), reason.name()));
        }
        leaving.remove(child.id());
        recordStopped(child, reason);
        if (leaving.isEmpty()) {
            state.writeAtOnce();
        } else {
            state.writeWithin(HAND_OVER_GATHERING);
        }
    }

    private void recordStopped(LocalChild child, StopReason reason) {
        switch (reason) {
            case LEAVING -> {
                if (child.spec().restart() == RestartType.TEMPORARY) {
                    state.outbox.remove(child.id(), child.token());
                } else if (state.local.isOneForOne()) {
                    state.outbox.release(child, state.successors.of(child.spec()));
                } else {
                    state.hold(child);
                }
            }
            case GROUP_TERMINATED -> state.outbox.report(child, Reconciler.phaseAtRest(child), null, null, null);
            case NOT_OWNED -> {
                state.local.forget(child.id());
                state.compare(child.id());
            }
            case TERMINATED, REPLACED, MOVING -> state.compare(child.id());
            case PERMISSION_LOST -> {
                if (peer.mayStart()) { // it ended after the permission had come back
                    state.compare(child.id());
                }
            }
            case SIBLING, HUNG -> log.debug("Child '{}' waits to be started again", child.id());
        }
    }

    private void stuck(LocalChild child) {
        peer.publish(new SupervisorEvent.ChildStuck(peer.now(), ref(child)));
        peer.stuck(child.id());
        state.outbox.report(child, Phase.STUCK, null, null, null);
        state.writeAtOnce();
    }

    private void quarantined(LocalChild child, String reason) {
        peer.publish(new SupervisorEvent.ChildQuarantined(peer.now(), ref(child), reason));
        state.outbox.report(child, Phase.QUARANTINED, null, reason, null);
        state.writeAtOnce();
    }
}
