package io.github.mirroredsupervisor.internal.ownership;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.lease.PeerObservations;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Restores the rows of declared children that were deleted by hand: each member knows its own declarations. A row is
 * restored only when no member can still run the child by the lost row. Children that were removed on purpose stay
 * removed until a member that declares them joins. Temporary ones are not restored, as they run once in the life of
 * their group. Confined to the work thread.
 */
public final class LostRows {

    private static final Logger log = LoggerFactory.getLogger(LostRows.class);

    private final String group;
    private final List<ChildSpec> declared;
    private final List<String> ids;
    private final PeerContext peer;
    private @Nullable Long lookedAt;
    private @Nullable Long missedSince;

    /** The missing rows that were logged and are still missing. */
    private Set<String> told = Set.of();

    /** No rows are missing yet. */
    public LostRows(GroupDefinition definition, PeerContext peer) {
        this.group = definition.settings().name();
        this.declared = definition.staticChildren();
        // A lost row ended the only run of a temporary child; one that has ended has no row anyway.
        this.ids = declared.stream()
                .filter(spec -> spec.restart() != RestartType.TEMPORARY)
                .map(ChildSpec::id)
                .toList();
        this.peer = peer;
    }

    /**
     * Called at the end of each full comparison, where it delays nothing else.
     *
     * @return how long to wait before the next full comparison at most; null for as long as there is nothing else to do
     */
    public @Nullable Duration look(WorkSession session) {
        long now = peer.machine().nanoTime();
        if (ids.isEmpty() || !isDue(now)) {
            return null;
        }
        lookedAt = now;
        Set<String> missing = session.missing(group, ids);
        Long since = missedSince;
        if (missing.isEmpty()) {
            told = Set.of();
            missedSince = null;
        } else if (since == null) {
            missedSince = now;
            boolean news = !told.containsAll(missing);
            told = missing;
            Level level = news ? Level.WARN : Level.DEBUG;
            peer.later(() -> log.atLevel(level)
                    .log(
                            "The rows of declared children of group '{}' are gone from the database: {}. Nobody removed them by a call. They are declared anew in {} ms,"
                                    + " when nobody can run them any more by the lost rows.",
                            group,
                            missing,
                            patience().toMillis()));
            session.touch(group); // so that an owner that has not noticed the loss does
            return patience();
        } else if (now - since >= patience().toNanos()) {
            missedSince = null;
            session.declare(group, declared);
            return Duration.ZERO;
        }
        return null;
    }

    private boolean isDue(long now) {
        Long last = lookedAt;
        return missedSince != null
                || last == null
                || now - last >= peer.settings().lease().toNanos();
    }

    private Duration patience() {
        return PeerObservations.patience(peer.settings().lease());
    }
}
