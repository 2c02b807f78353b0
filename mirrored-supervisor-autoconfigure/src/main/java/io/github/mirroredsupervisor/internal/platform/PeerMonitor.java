package io.github.mirroredsupervisor.internal.platform;

import io.github.mirroredsupervisor.SupervisorEvent;
import java.time.Duration;

/**
 * Receives a peer's reports. {@code event} is called on the peer's event thread, the other methods on a thread for
 * measurements; neither thread renews or decides anything. A call that does not return delays later reports, which are
 * dropped when too many wait.
 */
public interface PeerMonitor {

    void event(SupervisorEvent event);

    void renewed(Duration took);

    void renewalFailed();
}
