package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.internal.context.ArgumentMapper;
import io.github.mirroredsupervisor.internal.context.HighestToken;
import io.github.mirroredsupervisor.internal.platform.PeerMonitor;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadFactory;

/**
 * What the application and the JVM provide to a peer.
 *
 * @param childThreads makes the thread of each run, platform or virtual
 * @param clock the wall clock, for timestamps that people see
 * @param fence runs the fenced transactions of children
 * @param supervisors by the name of their group
 * @param warmUpDelay how long after its first renewal a peer rehearses a hand-over
 */
public record PeerEnvironment(
        ArgumentMapper arguments,
        PeerMonitor monitor,
        ThreadFactory childThreads,
        Clock clock,
        Fence fence,
        Map<String, MirroredSupervisor> supervisors,
        Platform machine,
        StorePreparation preparation,
        HighestToken highestToken,
        Duration warmUpDelay) {}
