package io.github.mirroredsupervisor.sample.node;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.MirroredSupervisorException;
import io.github.mirroredsupervisor.sample.orders.TenantIds;
import java.time.Duration;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** Asks for every tenant's relay. All nodes do, at every start: a child that is known is not started twice. */
@Component
class RelayStarter {

    private static final Logger log = LoggerFactory.getLogger(RelayStarter.class);

    /** How long the other nodes have for their own shares before this one starts what is missing. */
    private static final Duration COURTESY = Duration.ofSeconds(15);

    private static final Duration RETRY = Duration.ofSeconds(1);

    private static final int NOBODY = 0;

    private final MirroredSupervisor supervisor;
    private final Outbox outbox;
    private final NodeProperties node;

    RelayStarter(MirroredSupervisor supervisor, Outbox outbox, NodeProperties node) {
        this.supervisor = supervisor;
        this.outbox = outbox;
        this.node = node;
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        Thread thread = new Thread(this::startAll, "relay-starter");
        thread.setDaemon(true);
        thread.start();
    }

    private void startAll() {
        try {
            warmUp();
            startThose(this::isOwnShare);
            if (node.of() > 1) {
                Thread.sleep(COURTESY.toMillis());
                startThose(tenant -> !isOwnShare(tenant));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A standby's first takeover should not have to wait for what a JVM loads when it delivers for the first time. */
    private void warmUp() {
        try {
            outbox.hasRows(NOBODY);
            outbox.deliver(NOBODY, 1, 0);
        } catch (DataAccessException e) {
            log.debug("The outbox does not answer yet", e);
        }
    }

    private boolean isOwnShare(int tenant) {
        return (tenant - 1) % node.of() == node.number() - 1;
    }

    private void startThose(IntPredicate wanted) throws InterruptedException {
        for (int tenant :
                IntStream.rangeClosed(1, node.tenants()).filter(wanted).toArray()) {
            startUntilKnown(spec(tenant));
        }
    }

    private ChildSpec spec(int tenant) {
        return ChildSpec.of(TenantIds.idOf(tenant), TenantRelay.TYPE)
                .withArguments(Map.of("tenant", tenant))
                .withTakeover(node.takeover());
    }

    private void startUntilKnown(ChildSpec spec) throws InterruptedException {
        for (boolean first = true; ; first = false) {
            try {
                supervisor.startChild(spec);
                return;
            } catch (MirroredSupervisorException e) {
                if (first) {
                    log.warn("{} could not be started, and is tried again: {}", spec.id(), e.getMessage());
                }
                Thread.sleep(RETRY.toMillis());
            }
        }
    }
}
