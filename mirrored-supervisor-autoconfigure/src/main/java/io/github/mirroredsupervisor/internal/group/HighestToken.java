package io.github.mirroredsupervisor.internal.group;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The greatest fencing token that this process has heard of, whoever it was granted to (protocol rule 11b). Every token
 * that is granted from here exceeds it, so that a database that has forgotten tokens gives out none that this process
 * remembers. Outlives the incarnations of the peer. Thread-safe.
 */
public final class HighestToken {

    /**
     * Tokens are microseconds since 1970, or a little more, and this is the year 2112. A greater one was written by
     * hand, and would take away every later token's room.
     */
    static final long BELIEVABLE = 1L << 52;

    private final AtomicLong highest = new AtomicLong();

    public void heardOf(long token) {
        if (token < BELIEVABLE) {
            highest.accumulateAndGet(token, Math::max);
        }
    }

    /** 0 if none was heard of. */
    public long get() {
        return highest.get();
    }
}
