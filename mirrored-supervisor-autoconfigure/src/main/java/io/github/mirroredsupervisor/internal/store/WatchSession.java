package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;

/**
 * The watch connection: waits for another peer's lock. Used by one thread; {@link #interrupt()} and {@link #close()}
 * may come from another.
 */
public interface WatchSession extends AutoCloseable {

    /** The result of a wait. */
    enum Outcome {
        /**
         * The lock was held, the wait blocked, and then the lock was granted, all on one unbroken session. So the
         * session that held it is gone.
         */
        RELEASED,
        /**
         * The lock was free at the beginning, or its holder is unknown. This is no evidence: after a restart of the
         * database every lock is free (faults I12).
         */
        FREE,
        /** It is still held, or the wait was interrupted. */
        HELD
    }

    /**
     * Waits for a lock, for at most half a minute, because a wait holds back the vacuum of the whole database (faults
     * F2).
     *
     * @throws StoreException if the session was lost, and with it the state of the wait
     */
    Outcome await(SessionLock lock);

    /** Ends a current wait. May take as long as opening a connection. */
    void interrupt();

    @Override
    void close();
}
