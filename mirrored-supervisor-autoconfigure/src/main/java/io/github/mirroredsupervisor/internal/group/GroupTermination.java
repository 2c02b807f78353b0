package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.reconcile.Reconciler;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Death;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a group ends and comes back (semantics rows B46–B50, A51). The group's row holds the state, so that members that
 * join later know it too. Each member stops its own children when it reads it. Confined to the group's loop, except
 * where a method says otherwise.
 */
final class GroupTermination {

    private static final Logger log = LoggerFactory.getLogger(GroupTermination.class);

    private final String group;
    private final AutoShutdown autoShutdown;
    private final @Nullable Duration restartAfter;
    private final PeerContext peer;
    private final LocalSupervisor local;

    private volatile boolean terminated;

    /** The termination to write; null if there is none. */
    private @Nullable Sentence sentence;

    /** A command to the store is pending. */
    private boolean asking;

    /** The last command failed; the next renewal allows another try. */
    private boolean failed;

    /** Significant children that ended by themselves, until their consequences are decided. */
    private final Set<String> ended = new LinkedHashSet<>();

    /** The last death of the group that this member has seen, and when by its own clock. */
    private @Nullable Mourned mourned;

    /** A group that is not terminated. */
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

    /** This member has decided to terminate the group and has not written that yet. */
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

    /** What the group's end needs from the store. */
    enum Next {
        NOTHING,

        /** Whether another significant child is active; its answer goes to {@link #othersActive}. */
        ASK_FOR_OTHERS,

        /** Write the {@link #sentence}, and say when it is {@link #written}. */
        TERMINATE
    }

    /**
     * Decides whether ended significant children end the group.
     *
     * @param unwritten whether a child's end is not yet visible to other peers
     */
    Next next(Predicate<String> unwritten) {
        if (asking || failed) {
            return Next.NOTHING;
        }
        if (!ended.isEmpty() && ended.stream().noneMatch(unwritten)) {
            if (autoShutdown != AutoShutdown.ANY_SIGNIFICANT && sentence == null) {
                asking = true;
                return Next.ASK_FOR_OTHERS;
            }
            significantOver();
        }
        asking = sentence != null;
        return asking ? Next.TERMINATE : Next.NOTHING;
    }

    void othersActive(boolean active) {
        asking = false;
        if (active) {
            ended.clear();
        } else {
            significantOver();
        }
    }

    private void significantOver() {
        if (sentence == null) {
            sentence = new Sentence(
                    Cause.AUTO_SHUTDOWN,
                    "significant child '" + ended.iterator().next() + "' has ended");
        }
        ended.clear();
    }

    /** The termination to write. */
    Sentence sentence() {
        return Objects.requireNonNull(sentence, "there is one when it is to be written");
    }

    /** The termination is written. Acts on it at once, so that a revival is noticed, however soon it comes. */
    void written(Sentence done) {
        asking = false;
        terminated(done.reason());
        sentence = null;
    }

    /** The store did not answer. Terminating the group needs its row, which another session may keep locked. */
    void unanswered() {
        asking = false;
        failed = true;
    }

    /** Called with each renewal: a command that failed may be sent again. */
    void tryAgain() {
        failed = false;
    }

    /** Acts on the group's row. */
    void note(GroupRow row) {
        if (row.death() != null) {
            terminated(row.death().reason());
        } else if (terminated) {
            terminated = false;
            peer.later(() -> log.info("Group '{}' was revived", group));
            local.reset();
            peer.publish(new SupervisorEvent.GroupRestarted(peer.now(), group));
        }
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
     * Semantics row B50: the time from now until this member is to revive the group; null if it is not to. An automatic
     * shutdown was intended, so it is not undone.
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
        return restartAfter.plus(Reconciler.RANK_STEP.multipliedBy(rank)).minus(waited);
    }

    /** Why this member ends the group. */
    record Sentence(Cause cause, String reason) {}

    private record Mourned(Death death, long since) {}
}
