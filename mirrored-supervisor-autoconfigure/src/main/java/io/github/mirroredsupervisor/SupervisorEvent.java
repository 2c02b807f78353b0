package io.github.mirroredsupervisor;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One transition, as this peer saw it. Events are published in order, on a separate thread of the supervisor: a slow
 * listener delays later events and nothing else.
 */
public sealed interface SupervisorEvent {

    /** When it happened, by this peer's clock; for display only. */
    Instant at();

    /** An event about one group. */
    sealed interface GroupEvent extends SupervisorEvent {
        String group();
    }

    /** An event about one run of a child on this peer. */
    sealed interface RunEvent extends GroupEvent {
        ChildRef child();
    }

    /** Why a run began. */
    enum StartCause {
        /** The first start of a static or a new child, or a start that a command requested. */
        STARTED,
        /** A restart in place after an exit. */
        RESTARTED,
        /** Its former owner left or moved it in good order. */
        HANDED_OVER,
        /** Its former owner was declared dead. */
        FAILED_OVER,
        /** Its former owner's database session was lost, and the child has {@link Takeover#IMMEDIATE}. */
        TAKEN_OVER,
        /** This peer regained its permission after an outage. */
        RESUMED
    }

    /**
     * A child acknowledged its start here.
     *
     * @param unowned how long no peer ran it, by the database's clock; null if not known; for display only
     */
    record ChildStarted(
            Instant at,
            ChildRef child,
            StartCause cause,
            @Nullable Duration unowned) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /** A child's init threw. */
    record ChildStartFailed(Instant at, ChildRef child, StartCause cause, String reason) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /** A child ended by itself. */
    record ChildExited(Instant at, ChildRef child, LastExit exit) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /** A child ended because it was told to stop. */
    record ChildStopped(Instant at, ChildRef child, String reason) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /** A child did not end within its time to stop; its thread is still alive. */
    record ChildStuck(Instant at, ChildRef child) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /** A child will be restarted after a delay. */
    record ChildRestartDelayed(Instant at, String group, String childId, Duration delay) implements GroupEvent {}

    /** This peer took a child over. */
    record ChildAdopted(
            Instant at, ChildRef child, @Nullable PeerId from, StartCause cause) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /**
     * The supervisor no longer waits for a stuck child's thread: its token is invalid, and its successor may start
     * although the thread is still alive.
     */
    record ChildAbandoned(Instant at, ChildRef child) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /**
     * A child is kept from running, for a reason that an operator has to look into;
     * {@link MirroredSupervisor#restartChild} releases it.
     */
    record ChildQuarantined(Instant at, ChildRef child, String reason) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /** This peer released a child in good order. */
    record ChildReleased(
            Instant at,
            String group,
            String childId,
            @Nullable PeerId to) implements GroupEvent {}

    /** This peer joined, under a new id each time. */
    record PeerJoined(Instant at, PeerId peer) implements SupervisorEvent {}

    /** This peer left, in good order as far as its children allowed. */
    record PeerLeft(Instant at, PeerId peer) implements SupervisorEvent {}

    /** This peer declared another peer dead. */
    record PeerDeclaredDead(Instant at, PeerId peer) implements SupervisorEvent {}

    /** This peer found that it was declared dead: it stops its children and joins again. */
    record PeerExpelled(Instant at, PeerId peer) implements SupervisorEvent {}

    /**
     * This peer found that the database has lost data that it had confirmed before: it was restored, an older copy of
     * it took over, or rows were deleted. Unless only new fencing tokens were too low, the peer stops its children and
     * joins again, and {@link PeerJoined} follows.
     *
     * @param contradiction what was lost; for display only
     */
    record DatabaseWentBack(Instant at, PeerId peer, String contradiction) implements SupervisorEvent {}

    /**
     * This peer could not renew its lease in time, or was suspended: it stops its children and waits for the database.
     */
    record PermissionLost(Instant at, PeerId peer) implements SupervisorEvent {}

    /**
     * This peer's machine was suspended without its clocks showing it, or the database's clock was set forward. The
     * peer cannot distinguish the two, so {@link PermissionLost} follows.
     *
     * @param unseen how much further the database's clock advanced than this machine's clock
     */
    record PeerSuspended(Instant at, PeerId peer, Duration unseen) implements SupervisorEvent {}

    /**
     * This peer's lease was renewed again.
     *
     * @param after how long the peer had no permission
     */
    record PermissionRegained(Instant at, PeerId peer, Duration after) implements SupervisorEvent {}

    /** The group is terminated, on every peer. */
    record GroupTerminated(Instant at, String group, String reason) implements GroupEvent {}

    /** The terminated group was revived. */
    record GroupRestarted(Instant at, String group) implements GroupEvent {}
}
