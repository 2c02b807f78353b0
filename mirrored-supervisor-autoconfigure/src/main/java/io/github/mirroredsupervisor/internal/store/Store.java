package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.StoreException;
import java.util.Optional;

/** The store as a peer sees it: private connections, opened when first used and again after every failure. */
public interface Store {

    RenewalSession openRenewals();

    WorkSession openWork();

    /**
     * As {@link #openWork()}, for what people and monitors ask and for housekeeping: it shares no connection with that
     * one, so that however long it takes, no certificate and no claim waits for it (protocol rule 13).
     */
    default WorkSession openReads() {
        return openWork();
    }

    NotificationSession openHints();

    /** A watch connection; empty if this store takes no part in session hints. */
    default Optional<WatchSession> openWatch() {
        return Optional.empty();
    }

    /** Whether trying again may help: not where the server answered that it will not do what was asked. */
    default boolean mayPass(StoreException failure) {
        return true;
    }

    /**
     * The spec as it will be read back, to be compared with stored ones: storing can turn a {@code Long} among the
     * arguments into an {@code Integer}, or a record into a map.
     *
     * @throws io.github.mirroredsupervisor.InvalidChildSpecException if it cannot be stored
     */
    default ChildSpec asStored(ChildSpec spec) {
        return spec;
    }
}
