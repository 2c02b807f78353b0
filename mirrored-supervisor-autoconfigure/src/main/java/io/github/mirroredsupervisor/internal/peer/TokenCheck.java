package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.internal.group.PeerContext;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Protocol rule 11b: whether new fencing tokens exceed every earlier one, also those that the database has forgotten.
 * Whoever could not see whether it has, as it heard nothing for longer than its permission lasts or hears another
 * server now, raises them before it is granted any. Thread-safe.
 */
final class TokenCheck {

    private final PeerContext peer;
    private final LongConsumer burnUpTo;
    private final Runnable lookAgain;
    private final AtomicLong doubts = new AtomicLong();
    private final AtomicBoolean settling = new AtomicBoolean();
    private volatile long settled;

    /** Who answered last. Renew thread only, once the peer has joined. */
    private String server = "";

    /**
     * Without a doubt: who joins raises them.
     *
     * @param burnUpTo takes the token up to which nothing may begin any more
     * @param lookAgain called when a doubt is settled, as nothing was started meanwhile
     */
    TokenCheck(PeerContext peer, LongConsumer burnUpTo, Runnable lookAgain) {
        this.peer = peer;
        this.burnUpTo = burnUpTo;
        this.lookAgain = lookAgain;
    }

    /** Until it is settled nothing is granted to this peer. */
    void doubt() {
        doubts.incrementAndGet();
    }

    boolean isSettled() {
        return doubts.get() == settled;
    }

    /** On the renew thread, before the permission is extended by this answer; and before the peer joins. */
    void answeredBy(String answering) {
        if (!answering.equals(server)) { // it may lack the last grants
            boolean first = server.isEmpty();
            server = answering;
            if (!first) {
                doubt();
            }
        }
    }

    /** With each renewal: raises the tokens if there is a doubt. */
    void settle() {
        if (!isSettled() && settling.compareAndSet(false, true)) {
            peer.work().submit(session -> {
                try {
                    long seen = doubts.get();
                    // What was granted before and never begun may have been granted to others, and forgotten.
                    burnUpTo.accept(session.raiseTokens(peer.highestToken().get()));
                    settled = seen;
                } finally {
                    settling.set(false);
                }
                lookAgain.run();
            });
        }
    }
}
