package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.StoreException;
import java.util.Optional;
import java.util.Set;

/** The store as a peer sees it: private connections, opened on first use and reopened after every failure. */
public interface Store {

    RenewalSession openRenewals();

    WorkSession openWork();

    /**
     * Like {@link #openWork()}, for queries of users and monitors and for housekeeping. It has a separate connection,
     * so no certificate and no claim waits for it, however long it takes (protocol rule 13).
     */
    default WorkSession openReads() {
        return openWork();
    }

    /**
     * A listen connection.
     *
     * @param groups the groups whose members' hints it receives, beside those of its peer
     */
    NotificationSession openHints(Set<String> groups);

    /** A watch connection; empty if this store takes no part in session hints. */
    default Optional<WatchSession> openWatch() {
        return Optional.empty();
    }

    /** Whether a retry may succeed: false if the server answered and refused. */
    default boolean mayPass(StoreException failure) {
        return true;
    }

    /**
     * The spec as it will be read back, for comparison with stored ones: storing can turn a {@code Long} among the
     * arguments into an {@code Integer}, or a record into a map.
     *
     * @throws io.github.mirroredsupervisor.InvalidChildSpecException if it cannot be stored
     */
    default ChildSpec asStored(ChildSpec spec) {
        return spec;
    }
}
