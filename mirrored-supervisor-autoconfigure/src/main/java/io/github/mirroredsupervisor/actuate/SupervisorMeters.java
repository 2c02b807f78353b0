package io.github.mirroredsupervisor.actuate;

import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.SupervisorEvent.ChildStarted;
import io.github.mirroredsupervisor.SupervisorEvent.ChildStuck;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.platform.PeerMonitor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;

/**
 * Counts and times what the peer reports. Tags are groups and kinds only, because the number of children and peers is
 * unbounded.
 */
final class SupervisorMeters implements PeerMonitor {

    static final String PREFIX = "mirrored.supervisor.";

    private final MeterRegistry registry;

    private final Timer renewal;

    private final Counter renewed;

    private final Counter notRenewed;

    SupervisorMeters(MeterRegistry registry) {
        this.registry = registry;
        this.renewal = Timer.builder(PREFIX + "lease.renewal")
                .description("Time that answered renewals of the lease took")
                .register(registry);
        this.renewed = renewals("success");
        this.notRenewed = renewals("failure");
    }

    private Counter renewals(String outcome) {
        return Counter.builder(PREFIX + "lease.renewals")
                .description("Renewals of the lease")
                .tag("outcome", outcome)
                .register(registry);
    }

    @Override
    public void renewed(Duration took) {
        renewal.record(took);
        renewed.increment();
    }

    @Override
    public void renewalFailed() {
        notRenewed.increment();
    }

    @Override
    public void event(SupervisorEvent event) {
        if (event instanceof ChildStarted started) {
            started(started);
        } else if (event instanceof ChildStuck stuck) {
            count("stuck", "Children that did not end within their bound", stuck.group());
        }
    }

    private void started(ChildStarted started) {
        if (started.cause() == StartCause.RESTARTED) {
            count("restarts", "Restarts of children where they were", started.group());
        } else if (isTakeover(started.cause()) && started.unowned() != null) {
            Timer.builder(PREFIX + "failover.duration")
                    .description("Time for which nobody ran a child that this peer took over")
                    .tag("group", started.group())
                    .tag("kind", started.cause().name().toLowerCase(Locale.ROOT))
                    .register(registry)
                    .record(started.unowned());
        }
    }

    private static boolean isTakeover(StartCause cause) {
        return cause == StartCause.FAILED_OVER || cause == StartCause.TAKEN_OVER || cause == StartCause.HANDED_OVER;
    }

    private void count(String name, String description, String group) {
        Counter.builder(PREFIX + name)
                .description(description)
                .tag("group", group)
                .register(registry)
                .increment();
    }
}
