package io.github.mirroredsupervisor.sample.measure.node;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.sample.measure.FencedResourceClient;
import io.github.mirroredsupervisor.sample.node.Outbox;
import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import io.github.mirroredsupervisor.sample.witness.WitnessWriter;
import java.time.Duration;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Delivers one tenant's orders in their order. It must run once in the whole cluster: two of them would get in each
 * other's way, and none means that the tenant waits.
 */
@MirroredChildType(WitnessedRelay.TYPE)
class WitnessedRelay implements ChildProcess {

    static final String TYPE = "tenant-relay";

    private static final Duration RETRY = Duration.ofMillis(250);

    /** The arguments in the child's spec. */
    record Arguments(int tenant) {}

    private final Outbox outbox;
    private final WitnessWriter witness;
    private final FencedResourceClient resource;
    private final LabProperties lab;
    private final Outages outages;

    WitnessedRelay(
            Outbox outbox, WitnessWriter witness, FencedResourceClient resource, LabProperties lab, Outages outages) {
        this.outbox = outbox;
        this.witness = witness;
        this.resource = resource;
        this.lab = lab;
        this.outages = outages;
    }

    @Override
    public void run(ChildContext context) throws InterruptedException {
        witness.write(context.childId(), context.fencingToken(), Mark.BEGIN);
        try {
            int tenant = context.arguments(Arguments.class).tenant();
            long nextPoll = System.nanoTime();
            while (!context.isStopping()) {
                if (context.mayRun()) {
                    witness.write(context.childId(), context.fencingToken(), Mark.TICK);
                    resource.use(context.childId(), context.fencingToken());
                    if (System.nanoTime() - nextPoll >= 0) {
                        nextPoll = System.nanoTime() + deliver(context, tenant).toNanos();
                    }
                }
                context.sleep(lab.tick());
            }
        } finally {
            witness.write(context.childId(), context.fencingToken(), Mark.END);
        }
    }

    /**
     * Delivers all rows, and returns how long to wait before the next look. If the process is paused in here and
     * another one takes over, this run delivers nothing more: the fenced transaction throws, and that ends the run.
     */
    private Duration deliver(ChildContext context, int tenant) {
        try {
            while (outbox.hasRows(tenant) && context.mayRun()) {
                witness.write(context.childId(), context.fencingToken(), Mark.TICK);
                context.inFencedTransaction(() -> outbox.deliver(tenant, lab.batch(), context.fencingToken()));
            }
            outages.over();
            return lab.poll();
        } catch (DataAccessException | TransactionException e) {
            // Waiting is better than crashing: all nodes use this database, so a restart would meet the same outage.
            if (!context.isStopping()) {
                outages.noted(e);
            }
            return RETRY;
        }
    }
}
