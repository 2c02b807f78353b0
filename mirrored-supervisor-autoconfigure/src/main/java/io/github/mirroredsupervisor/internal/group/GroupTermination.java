package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.store.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.internal.store.GroupRow;
import io.github.mirroredsupervisor.internal.store.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.GroupRow.Death;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a group ends and comes back (semantics rows B46–B50, A51). Its state is in its row, so that members which join
 * meanwhile know it too; each member stops its own children when it sees it. Confined to the work thread, save where a
 * method says otherwise.
 */
final class GroupTermination {

    private static final Logger log = LoggerFactory.getLogger(GroupTermination.class);

    private final String group;
    private final AutoShutdown autoShutdown;
    private final @Nullable Duration restartAfter;
    private final PeerContext peer;
    private final LocalSupervisor local;

    private volatile boolean terminated;

    /** What is to be written; null if nothing is. */
    private @Nullable Sentence sentence;

    /** Significant children that ended by themselves, as far as nobody has looked yet what follows. */
    private final Set<String> ended = new LinkedHashSet<>();

    /** The death that this member has seen last, and when on its own clock. */
    private @Nullable Mourned mourned;

    GroupTermination(GroupDefinition definition, AutoShutdown autoShutdown, PeerContext peer, LocalSupervisor local) {
        this.group = definition.settings().name();
        this.autoShutdown = autoShutdown;
        this.restartAfter = definition.settings().policies().restartAfter();
        this.peer = peer;
        this.local = local;
    }

    /** Any thread: the group was terminated, as far as this peer knows. */
    boolean isTerminated() {
        return terminated;
    }

    /** Any thread: which ends of significant children end the group. */
    AutoShutdown autoShutdown() {
        return autoShutdown;
    }

    /** It is to be terminated, and nobody has written that yet. */
    boolean isEnding() {
        return sentence != null;
    }

    /** Something is still to be written or decided. */
    boolean hasUnwritten() {
        return sentence != null || !ended.isEmpty();
    }

    void intensityExceeded(String reason) {
        sentence = new Sentence(Cause.INTENSITY_EXCEEDED, reason);
    }

    /** A significant child ended by itself, for good. */
    void significantEnded(String childId) {
        if (autoShutdown != AutoShutdown.NEVER) {
            ended.add(childId);
        }
    }

    /**
     * Decides what follows from ended children, and writes the group's death if it has come to that.
     *
     * @param unwritten children whose ends no other peer can see yet
     * @return whether the group ended here and now
     */
    boolean settle(WorkSession session, Set<String> unwritten) {
        if (!ended.isEmpty() && ended.stream().noneMatch(unwritten::contains)) {
            boolean over = autoShutdown == AutoShutdown.ANY_SIGNIFICANT || !session.hasActiveSignificant(group);
            if (over && sentence == null) {
                sentence = new Sentence(
                        Cause.AUTO_SHUTDOWN,
                        "significant child '" + ended.iterator().next() + "' has ended");
            }
            ended.clear();
        }
        if (sentence == null) {
            return false;
        }
        session.terminateGroup(
                group, sentence.cause(), sentence.reason(), peer.incarnation().id());
        terminated(sentence.reason()); // at once, so that a revival is noticed, however soon it comes
        sentence = null;
        return true;
    }

    /**
     * Acts on the group's row.
     *
     * @return whether the group was revived
     */
    boolean note(GroupRow row) {
        if (row.death() != null) {
            terminated(row.death().reason());
        } else if (terminated) {
            terminated = false;
            peer.later(() -> log.info("Group '{}' was revived", group));
            local.reset();
            peer.publish(new SupervisorEvent.GroupRestarted(peer.now(), group));
            return true;
        }
        return false;
    }

    private void terminated(String reason) {
        if (!terminated) {
            terminated = true;
            local.stopAll(StopReason.GROUP_TERMINATED);
            peer.later(() -> log.error("Group '{}' is terminated on every peer: {}", group, reason));
            peer.publish(new SupervisorEvent.GroupTerminated(peer.now(), group, reason));
        }
    }

    /**
     * Semantics row B50: when the group is to be revived by this member, from now; null if it is not to be. Its
     * automatic shutdown was wanted, so nothing revives it from that.
     *
     * @param rank how many members are to act before this one
     */
    @Nullable
    Duration untilRevival(GroupRow row, int rank, long now) {
        Death death = row.death();
        if (restartAfter == null || death == null || death.cause() != Cause.INTENSITY_EXCEEDED || !peer.mayStart()) {
            return null;
        }
        if (mourned == null || !mourned.death().equals(death)) {
            mourned = new Mourned(death, now);
        }
        Duration waited = Duration.ofNanos(now - mourned.since());
        return restartAfter.plus(GroupMember.RANK_STEP.multipliedBy(rank)).minus(waited);
    }

    private record Sentence(Cause cause, String reason) {}

    private record Mourned(Death death, long since) {}
}
