package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.internal.group.PeerContext;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the statements of a hand-over once, for a child in a group that does not exist, and rolls back. A standby may
 * live for weeks before its first real hand-over, which should not wait until the JVM has loaded and linked the code
 * and the server has planned the statements. A failure here does no harm.
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
