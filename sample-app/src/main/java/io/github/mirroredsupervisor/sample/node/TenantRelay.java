package io.github.mirroredsupervisor.sample.node;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChildType;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Delivers one tenant's orders in their order. It must run once in the whole cluster: two of them would get in each
 * other's way, and none means that the tenant waits.
 */
@MirroredChildType(TenantRelay.TYPE)
class TenantRelay implements ChildProcess {

    static final String TYPE = "tenant-relay";

    private static final Logger log = LoggerFactory.getLogger(TenantRelay.class);

    private static final int BATCH = 100;
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration RETRY = Duration.ofMillis(250);

    /** The arguments in the child's spec. */
    record Arguments(int tenant) {}

    private final Outbox outbox;

    TenantRelay(Outbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public void run(ChildContext context) throws InterruptedException {
        int tenant = context.arguments(Arguments.class).tenant();
        while (!context.isStopping()) {
            context.sleep(deliver(context, tenant) ? POLL : RETRY);
        }
    }

    /**
     * Delivers all there is. A process that was paused in here for however long delivers nothing once another one has
     * taken over: its run ends with what it is thrown.
     *
     * @return whether the database answered
     */
    private boolean deliver(ChildContext context, int tenant) {
        try {
            while (context.mayRun() && outbox.hasRows(tenant)) {
                context.inFencedTransaction(() -> outbox.deliver(tenant, BATCH, context.fencingToken()));
            }
            return true;
        } catch (DataAccessException | TransactionException e) {
            // Waiting is better than crashing: the database is everybody's, and a restart would meet the same outage.
            log.debug("Tenant {} waits for the database", tenant, e);
            return false;
        }
    }
}
