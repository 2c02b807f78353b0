package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.group.GroupDefinition;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.GroupSnapshot.LeaveState;
import io.github.mirroredsupervisor.internal.group.HighestToken;
import io.github.mirroredsupervisor.internal.group.PeerContext;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.store.GroupRow;
import io.github.mirroredsupervisor.internal.store.GroupSettings;
import io.github.mirroredsupervisor.internal.store.StoreWorker;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.Strategy;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import io.github.mirroredsupervisor.internal.supervision.run.RunEnvironment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One hand-over to this peer and away from it, of a child that does nothing, in a group that no table contains. A
 * standby may live for weeks before its first real hand-over. That one should not have to wait until the JVM has loaded
 * and linked the classes that it needs. Nothing of it is logged, published or kept, and its failure harms nothing.
 */
final class WarmUp implements PeerContext, RunEnvironment, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

    private final String group = "rehearsal " + UUID.randomUUID();
    private final PeerContext peer;
    private final GroupLoop loop;

    WarmUp(PeerContext peer, PeerRuntime.Environment environment) {
        this.peer = peer;
        GroupSettings settings =
                new GroupSettings(group, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(1), Duration.ZERO);
        this.loop = new GroupLoop(
                new GroupDefinition(settings, Map.of(WorkSession.REHEARSED, WarmUp::idle), List.of()),
                GroupRow.Flags.of(settings),
                this,
                this,
                environment.childThreads(),
                environment.clock());
    }

    private static ChildProcess idle() {
        return context -> context.sleep(Duration.ofDays(1));
    }

    /** The adoption. The rest follows from what the child reports. On the work thread. */
    void begin(WorkSession session) {
        try {
            loop.start();
            loop.inserted(List.of(session.rehearse(peer.incarnation().id())), 0);
        } catch (RuntimeException e) {
            log.debug("The rehearsal of a hand-over failed; the first real one may be a little slower", e);
            close();
        }
    }

    /** Hands the child over, once it runs. */
    @Override
    public void publish(SupervisorEvent event) {
        if (event instanceof SupervisorEvent.ChildStarted) {
            loop.leave(null);
        }
    }

    /** Ends, once the child has stopped and is handed over. */
    @Override
    public void leaveAdvanced() {
        if (loop.snapshot().leave() == LeaveState.DONE) {
            close();
        }
    }

    @Override
    public void close() {
        loop.close();
    }

    // ---- a peer without listeners

    @Override
    public void later(Runnable task) {}

    @Override
    public boolean isJoined() {
        return peer.isJoined();
    }

    @Override
    public boolean isLeaving() {
        return peer.isLeaving();
    }

    @Override
    public void stuck(String childId) {}

    @Override
    public HighestToken highestToken() {
        return peer.highestToken();
    }

    @Override
    public void wentBack(String contradiction) {}

    @Override
    public boolean mayStart() {
        return true;
    }

    @Override
    public Incarnation incarnation() {
        return peer.incarnation();
    }

    @Override
    public PeerSettings settings() {
        return peer.settings();
    }

    @Override
    public StoreWorker work() {
        return peer.work();
    }

    @Override
    public StoreWorker reads() {
        return peer.reads();
    }

    @Override
    public Platform machine() {
        return peer.machine();
    }

    @Override
    public Instant now() {
        return peer.now();
    }

    @Override
    public @Nullable Duration sinceLastSeen(PeerId id) {
        return null;
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
    public Executor later() {
        return task -> {};
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
