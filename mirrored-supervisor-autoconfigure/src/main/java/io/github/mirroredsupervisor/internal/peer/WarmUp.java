package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.GroupSnapshot.LeaveState;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One hand-over to this peer and away from it, of a child that does nothing, in a group that no table contains. A
 * standby may live for weeks before its first real hand-over. That one should not have to wait until the JVM has loaded
 * and linked the classes that it needs. Nothing of it is logged, published or kept, and its failure harms nothing.
 */
final class WarmUp implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

    private final PeerContext peer;
    private final GroupLoop loop;

    WarmUp(PeerContext peer, PeerEnvironment environment) {
        this.peer = peer;
        String name = "rehearsal " + UUID.randomUUID();
        GroupSettings settings = new GroupSettings(name, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(1), Duration.ZERO);
        GroupDefinition definition =
                new GroupDefinition(settings, Map.of(WorkSession.REHEARSED, this::idle), List.of());
        PeerContext unheard = peer.unheard();
        this.loop = new GroupLoop(
                definition,
                GroupRow.Flags.of(settings),
                unheard,
                new GroupRuns(definition, unheard, environment),
                environment.childThreads());
    }

    /** Once it runs, it is handed over. */
    private ChildProcess idle() {
        return context -> {
            loop.leave();
            context.sleep(Duration.ofDays(1));
        };
    }

    /** The adoption. The rest follows from what the child does. On the work thread. */
    void begin(WorkSession session) {
        if (!peer.mayStart()) {
            return; // it would wait for as long as this peer lives
        }
        try {
            loop.start();
            closeWhenHandedOver();
            PeerId me = peer.incarnation().id();
            ChildRow handed = session.rehearse(me);
            loop.hinted(new Hint(loop.group(), Set.of("nobody"), false));
            loop.sessionLost(new SessionLock(me, 0, ""), peer.machine().nanoTime(), Duration.ZERO);
            loop.inserted(List.of(handed), 0);
        } catch (RuntimeException e) {
            log.debug("The rehearsal of a hand-over failed; the first real one may be a little slower", e);
            close();
        }
    }

    private void closeWhenHandedOver() {
        var unused = loop.leaveChange().thenRun(() -> {
            if (loop.snapshot().leave() == LeaveState.DONE) {
                close();
            } else {
                closeWhenHandedOver();
            }
        });
    }

    @Override
    public void close() {
        loop.close();
    }
}
