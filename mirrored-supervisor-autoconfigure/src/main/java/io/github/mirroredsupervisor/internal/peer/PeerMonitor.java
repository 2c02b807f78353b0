package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.SupervisorEvent;
import java.time.Duration;

/**
 * Where a peer reports to. {@code event} is called on the peer's event thread, the others on one for measurements;
 * neither renews or decides anything. What does not return delays what is reported later, which is dropped when too
 * much waits.
 */
public interface PeerMonitor {

    void event(SupervisorEvent event);

    void renewed(Duration took);

    void renewalFailed();
}
