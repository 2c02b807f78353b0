package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.internal.group.PeerContext;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Protocol rule 11b: makes sure that new fencing tokens exceed all earlier ones, including those that the database has
 * lost. A peer that got no answer for longer than its permission lasts, or now gets answers from another server, cannot
 * exclude such a loss. It raises the tokens before any is granted to it. Thread-safe.
 */
final class TokenCheck {

    private final PeerContext peer;
    private final LongConsumer burnUpTo;
    private final Runnable lookAgain;
    private final AtomicLong doubts = new AtomicLong();
    private final AtomicBoolean settling = new AtomicBoolean();
    private volatile long settled;

    /** The server that answered last. Renew thread only, once the peer has joined. */
    private String server = "";

    /**
     * Starts without a doubt, as a join raises the tokens.
     *
     * @param burnUpTo burns all tokens up to the given one: no run may begin with them any more
     * @param lookAgain called when a doubt is settled, as nothing was started meanwhile
     */
    TokenCheck(PeerContext peer, LongConsumer burnUpTo, Runnable lookAgain) {
        this.peer = peer;
        this.burnUpTo = burnUpTo;
        this.lookAgain = lookAgain;
    }

    /** Notes a doubt. Until it is settled no token is granted to this peer. */
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

    /** Called with each renewal: raises the tokens if there is a doubt. */
    void settle() {
        if (!isSettled() && settling.compareAndSet(false, true)) {
            peer.work().submit(session -> {
                try {
                    long seen = doubts.get();
                    // Tokens granted here but not used may have been granted to other peers too, in lost grants.
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
