package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.internal.group.GroupDefinition;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.GroupSnapshot.LeaveState;
import io.github.mirroredsupervisor.internal.group.PeerContext;
import io.github.mirroredsupervisor.internal.store.GroupRow;
import io.github.mirroredsupervisor.internal.store.GroupSettings;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.Strategy;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import io.github.mirroredsupervisor.internal.supervision.run.RunEnvironment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One hand-over to this peer and away from it, of a child that does nothing, in a group that no table contains. A
 * standby may live for weeks before its first real hand-over. That one should not have to wait until the JVM has loaded
 * and linked the classes that it needs. Nothing of it is logged, published or kept, and its failure harms nothing.
 */
final class WarmUp implements RunEnvironment, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

    private final String group = "rehearsal " + UUID.randomUUID();
    private final PeerContext peer;
    private final GroupLoop loop;

    WarmUp(PeerContext peer, PeerEnvironment environment) {
        this.peer = peer;
        GroupSettings settings =
                new GroupSettings(group, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(1), Duration.ZERO);
        this.loop = new GroupLoop(
                new GroupDefinition(settings, Map.of(WorkSession.REHEARSED, this::idle), List.of()),
                GroupRow.Flags.of(settings),
                peer.unheard(),
                this,
                environment.childThreads());
    }

    /** Once it runs, it is handed over. */
    private ChildProcess idle() {
        return context -> {
            loop.leave(null);
            context.sleep(Duration.ofDays(1));
        };
    }

    /** The adoption. The rest follows from what the child does. On the work thread. */
    void begin(WorkSession session) {
        try {
            loop.start();
            closeWhenHandedOver();
            loop.inserted(List.of(session.rehearse(peer.incarnation().id())), 0);
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

    // ---- a child that needs nothing

    @Override
    public String group() {
        return group;
    }

    @Override
    public ChildProcess create(ChildSpec spec) {
        return idle();
    }

    @Override
    public boolean permitsStart() {
        return true;
    }

    @Override
    public boolean permits(ChildSpec spec) {
        return true;
    }

    @Override
    public <T> T convert(Map<String, Object> arguments, Class<T> type) {
        throw new IllegalArgumentException("there are no arguments");
    }

    @Override
    public MirroredSupervisor supervisor() {
        throw new IllegalStateException("there is no supervisor");
    }

    @Override
    public PeerRef owner() {
        return peer.incarnation().ref();
    }

    @Override
    public Fence fence() {
        throw new IllegalStateException("there is no fence");
    }
}
