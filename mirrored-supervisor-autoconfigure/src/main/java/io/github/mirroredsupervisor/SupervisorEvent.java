package io.github.mirroredsupervisor;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One transition, as this peer saw it. Published in order, on a thread of the supervisor's own: a slow listener delays
 * later events and nothing else.
 */
public sealed interface SupervisorEvent {

    /** When, on this peer's clock; for people. */
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
        /** A static child's or a new child's first start, or one that a command asked for. */
        STARTED,
        /** A restart in place after an exit. */
        RESTARTED,
        /** Its former owner left or moved it in good order. */
        HANDED_OVER,
        /** Its former owner was declared dead. */
        FAILED_OVER,
        /** Its former owner's session was lost, and it is a child with {@link Takeover#IMMEDIATE}. */
        TAKEN_OVER,
        /** This peer's own permission came back after an outage. */
        RESUMED
    }

    /**
     * A child acknowledged its start here.
     *
     * @param unowned how long nobody ran it, where that is known; by the database's clock, for people
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

    /** A child ended because it was told to. */
    record ChildStopped(Instant at, ChildRef child, String reason) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /** A child did not end within its bound; its thread still lives. */
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
     * A stuck child's thread is no longer waited for: its token is dead, and its successor may start although the
     * thread lives.
     */
    record ChildAbandoned(Instant at, ChildRef child) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /** A child is kept from running, for a reason that somebody has to look into; restarting it releases it. */
    record ChildQuarantined(Instant at, ChildRef child, String reason) implements RunEvent {
        @Override
        public String group() {
            return child.group();
        }
    }

    /** This peer gave a child up in good order. */
    record ChildReleased(
            Instant at,
            String group,
            String childId,
            @Nullable PeerId to) implements GroupEvent {}

    /** This peer joined, under a new id each time. */
    record PeerJoined(Instant at, PeerId peer) implements SupervisorEvent {}

    /** This peer left in good order, or as much of it as its children allowed. */
    record PeerLeft(Instant at, PeerId peer) implements SupervisorEvent {}

    /** This peer wrote another's death certificate. */
    record PeerDeclaredDead(Instant at, PeerId peer) implements SupervisorEvent {}

    /** This peer found that it was declared dead: it stops its children and joins anew. */
    record PeerExpelled(Instant at, PeerId peer) implements SupervisorEvent {}

    /**
     * This peer found that the database has lost what it had said before: it was restored, an older copy of it took
     * over, or somebody deleted rows. Unless only new fencing tokens were too low, the peer stops its children and
     * joins anew, and {@link PeerJoined} follows.
     *
     * @param contradiction what was lost, for people
     */
    record DatabaseWentBack(Instant at, PeerId peer, String contradiction) implements SupervisorEvent {}

    /**
     * This peer could not renew its lease in time, or was suspended: it stops its children and waits for the database.
     */
    record PermissionLost(Instant at, PeerId peer) implements SupervisorEvent {}

    /**
     * This peer's machine stood still without its clocks showing it, or the database's clock was set forward:
     * {@link PermissionLost} follows, as nobody can tell which.
     *
     * @param unseen how much further the database's clock went than this machine's
     */
    record PeerSuspended(Instant at, PeerId peer, Duration unseen) implements SupervisorEvent {}

    /** This peer's lease is renewed again. */
    record PermissionRegained(Instant at, PeerId peer, Duration after) implements SupervisorEvent {}

    /** The group is terminated, on every peer. */
    record GroupTerminated(Instant at, String group, String reason) implements GroupEvent {}

    /** The terminated group was revived. */
    record GroupRestarted(Instant at, String group) implements GroupEvent {}
}
