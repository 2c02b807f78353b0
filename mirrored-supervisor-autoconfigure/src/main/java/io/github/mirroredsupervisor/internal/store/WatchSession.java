package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.StoreException;

/**
 * The watch connection: waits for another peer's lock. Used by one thread; {@link #interrupt()} and {@link #close()}
 * may come from another.
 */
public interface WatchSession extends AutoCloseable {

    /** What a wait has shown. */
    enum Outcome {
        /**
         * The lock was held, the wait blocked, and then it was granted, all on one unbroken session: the session that
         * held it is gone.
         */
        RELEASED,
        /**
         * Nobody held it to begin with, or there is no telling who did. No evidence: after a restart of the database
         * every lock is free (faults I12).
         */
        FREE,
        /** It is still held, or the wait was interrupted. */
        HELD
    }

    /**
     * Waits for a lock, for half a minute at most, as a wait holds back the vacuum of the whole database (faults F2).
     *
     * @throws StoreException if the session was lost, and with it whatever it had seen
     */
    Outcome await(SessionLock lock);

    /** Ends a wait that is under way. May take as long as a new connection does. */
    void interrupt();

    @Override
    void close();
}
