package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The listen connection. Its messages are hints to read rows, never evidence. It receives those to the members of its
 * groups, and those to its peer alone. Used by one thread.
 */
public interface NotificationSession extends AutoCloseable {

    /**
     * Waits for hints, at most this long; connects and listens first where needed.
     *
     * @return the hints of other peers, perhaps none; {@link Hint#EVERYTHING} after every (re)connect and under every
     *     new id, as hints may have been missed
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
     */
    record Hint(@Nullable String group, Set<String> childIds, boolean answersOnly) {
        public static final Hint EVERYTHING = new Hint(null, Set.of(), false);
    }
}
