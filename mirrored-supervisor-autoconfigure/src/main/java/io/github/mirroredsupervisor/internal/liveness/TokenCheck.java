package io.github.mirroredsupervisor.internal.liveness;

import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.Groups;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Protocol rule 11b: makes sure that new fencing tokens exceed all earlier ones, including those that the database has
 * lost. A peer that got no answer for longer than its permission lasts, or now gets answers from another server, cannot
 * exclude such a loss. It raises the tokens before any is granted to it. Thread-safe.
 */
public final class TokenCheck {

    private final PeerContext peer;
    private final Groups groups;
    private final AtomicBoolean settling = new AtomicBoolean();

    /** The server that answered last. Renew thread only, once the peer has joined. */
    private String server = "";

    /** Starts without a doubt, as a join raises the tokens. */
    public TokenCheck(PeerContext peer, Groups groups) {
        this.peer = peer;
        this.groups = groups;
    }

    /** On the renew thread, before the permission is extended by this answer; and before the peer joins. */
    public void answeredBy(String answering) {
        if (!answering.equals(server)) { // it may lack the last grants
            boolean first = server.isEmpty();
            server = answering;
            if (!first) {
                peer.state().doubtTokens();
            }
        }
    }

    /** Called with each renewal: raises the tokens if there is a doubt. */
    void settle() {
        if (!peer.state().areTokensTrusted() && settling.compareAndSet(false, true)) {
            peer.work().submit(session -> {
                try {
                    long doubts = peer.state().tokenDoubts();
                    // Tokens granted here but not used may have been granted to other peers too, in lost grants.
                    groups.burnUpTo(session.raiseTokens(peer.highestToken().get()));
                    peer.state().trustTokens(doubts);
                } finally {
                    settling.set(false);
                }
                groups.lookAtAll(); // nothing was started meanwhile
            });
        }
    }
}
