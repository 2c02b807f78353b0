package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.StoreUnavailableException;

/** The renew connection. Used by one thread, for nothing else (protocol rule 2). */
public interface RenewalSession extends AutoCloseable {

    /**
     * Renews the lease and observes the other peers in one round trip. A call without an answer closes the connection,
     * and the next call opens a new one; every call is bounded by the time-outs derived from the lease.
     *
     * @throws StoreUnavailableException if there was no answer in time: the renewal may or may not have happened
     * @throws StoreRefusedException if the answer was no; the connection stays open
     */
    Renewal renew(PeerId me);

    /**
     * As {@link #renew}, for a peer without a permission (protocol rule 3c). No child runs that would have to stop in
     * time, so the bound of the call is not that of the lease: it is what a network and a server may need that are
     * slow, and grows with each failure. What it brings may have passed already, and then the next renewal finds the
     * connection open.
     *
     * @throws StoreUnavailableException if there was no answer in time
     * @throws StoreRefusedException if the answer was no
     */
    default Renewal comeBack(PeerId me) {
        return renew(me);
    }

    @Override
    void close();
}
