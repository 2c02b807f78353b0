package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.internal.group.PeerContext;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through the statements of a hand-over once, of a child in a group that no table knows, and rolls back. A standby
 * may live for weeks before its first real one, which should not have to wait until the JVM has loaded and linked what
 * it takes, and the server has planned it. Its failure harms nothing.
 */
final class WarmUp {

    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

    private WarmUp() {}

    /** On the work thread. */
    static void run(WorkSession session, PeerContext peer) {
        try {
            session.rehearse(peer.incarnation().id());
        } catch (RuntimeException e) {
            log.debug("The rehearsal of a hand-over failed; the first real one may be a little slower", e);
        }
    }
}
