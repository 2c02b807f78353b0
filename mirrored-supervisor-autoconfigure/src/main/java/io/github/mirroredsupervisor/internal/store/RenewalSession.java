package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;

/** The renew connection. Used by one thread, for nothing else (protocol rule 2). */
public interface RenewalSession extends AutoCloseable {

    /**
     * Renews the lease and observes the other peers in one round trip. A call without an answer closes the connection,
     * and the next call opens a new one. Time-outs derived from the lease bound every call.
     *
     * @throws StoreUnavailableException if there was no answer in time: the renewal may or may not have happened
     * @throws StoreRefusedException if the server refused; the connection stays open
     */
    Renewal renew(PeerId me);

    /**
     * Like {@link #renew}, for a peer without a permission (protocol rule 3c). No child runs that must stop in time, so
     * the lease does not bound the call. The bound suits a slow network and server, and grows with each failure. The
     * renewal may have expired when the reply arrives; then the next renewal uses the open connection.
     *
     * @throws StoreUnavailableException if there was no answer in time
     * @throws StoreRefusedException if the server refused
     */
    default Renewal comeBack(PeerId me) {
        return renew(me);
    }

    @Override
    void close();
}
