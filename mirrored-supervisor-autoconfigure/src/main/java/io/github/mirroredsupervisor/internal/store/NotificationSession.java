package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The listen connection. What it brings is a hint to look, never evidence. Used by one thread. */
public interface NotificationSession extends AutoCloseable {

    /**
     * Waits for hints, at most this long; connects and listens first where needed.
     *
     * @return the hints of other peers; {@link Hint#EVERYTHING} after every (re)connect, as hints may have been missed
     * @throws StoreException if the connection is lost or dead
     */
    List<Hint> await(PeerId me, Duration limit);

    @Override
    void close();

    /**
     * Where to look.
     *
     * @param group null for every group
     * @param childIds empty for every child of the group
     * @param answersOnly nothing changed but what a caller may wait for
     * @param peer the only peer that need look; null for all
     */
    record Hint(
            @Nullable String group,
            Set<String> childIds,
            boolean answersOnly,
            @Nullable PeerId peer) {
        public static final Hint EVERYTHING = new Hint(null, Set.of(), false, null);
    }
}
