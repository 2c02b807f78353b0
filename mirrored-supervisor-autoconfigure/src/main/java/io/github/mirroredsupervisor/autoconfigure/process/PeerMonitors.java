package io.github.mirroredsupervisor.autoconfigure.process;

import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.platform.Failures;
import io.github.mirroredsupervisor.internal.platform.PeerMonitor;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Passes the peer's reports to the application's listeners and to other monitors. Their failures do not reach the peer.
 */
public final class PeerMonitors implements PeerMonitor {

    private static final Logger log = LoggerFactory.getLogger(PeerMonitors.class);

    private final ApplicationEventPublisher publisher;

    private final List<PeerMonitor> others;

    public PeerMonitors(ApplicationEventPublisher publisher, List<PeerMonitor> others) {
        this.publisher = publisher;
        this.others = others;
    }

    @Override
    public void event(SupervisorEvent event) {
        others(monitor -> monitor.event(event));
        try {
            publisher.publishEvent(event);
        } catch (Exception | LinkageError | AssertionError ex) {
            log.warn("A listener failed on {}", event, Failures.printable(ex));
        }
    }

    @Override
    public void renewed(Duration took) {
        others(monitor -> monitor.renewed(took));
    }

    @Override
    public void renewalFailed() {
        others(PeerMonitor::renewalFailed);
    }

    private void others(Consumer<PeerMonitor> report) {
        for (PeerMonitor monitor : others) {
            try {
                report.accept(monitor);
            } catch (Exception | LinkageError | AssertionError ex) {
                log.debug("{} failed", monitor, Failures.printable(ex));
            }
        }
    }
}
