package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreUnavailableException;

/** The renew connection. Used by one thread, for nothing else (protocol rule 2). */
public interface RenewalSession extends AutoCloseable {

    /**
     * Renews the lease and observes the other peers in one round trip. A failure closes the connection, and the next call opens a
     * new one; every call is bounded by the time-outs derived from the lease.
     *
     * @throws StoreUnavailableException if there was no answer in time: the renewal may or may not have happened
     */
    Renewal renew(PeerId me);

    @Override
    void close();
}
