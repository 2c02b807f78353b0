package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The listen connection. Its messages are hints to read rows, never evidence. Used by one thread. */
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
     * Which rows to read.
     *
     * @param group null for every group
     * @param childIds empty for every child of the group
     * @param answersOnly whether only answers changed that a caller may wait for
     * @param peer the only peer that needs to read; null for all
     */
    record Hint(
            @Nullable String group,
            Set<String> childIds,
            boolean answersOnly,
            @Nullable PeerId peer) {
        public static final Hint EVERYTHING = new Hint(null, Set.of(), false, null);
    }
}
