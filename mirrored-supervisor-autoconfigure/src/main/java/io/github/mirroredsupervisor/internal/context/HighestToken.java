package io.github.mirroredsupervisor.internal.context;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The greatest fencing token that this process has seen, granted to any peer (protocol rule 11b). Every token that this
 * process grants exceeds it, so that a database that has lost tokens grants none that this process remembers. Outlives
 * the incarnations of the peer. Thread-safe.
 */
public final class HighestToken {

    /**
     * Tokens are microseconds since 1970, or a little more, and this is the year 2112. A greater one was written by
     * hand, and would leave no room for later tokens.
     */
    static final long BELIEVABLE = 1L << 52;

    private final AtomicLong highest = new AtomicLong();

    public void heardOf(long token) {
        if (token < BELIEVABLE) {
            highest.accumulateAndGet(token, Math::max);
        }
    }

    /** The greatest token; 0 if none was seen. */
    public long get() {
        return highest.get();
    }
}
