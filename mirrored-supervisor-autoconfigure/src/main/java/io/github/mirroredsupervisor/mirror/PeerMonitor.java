package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.SupervisorEvent;
import java.time.Duration;

/** Where a peer reports to. {@code event} is called on the peer's event thread, the others on the thread that renews: return at once. */
public interface PeerMonitor {

    void event(SupervisorEvent event);

    void renewed(Duration took);

    void renewalFailed();
}
