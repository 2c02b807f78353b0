package io.github.mirroredsupervisor.sample.measure.node;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import io.github.mirroredsupervisor.sample.witness.WitnessWriter;
import java.time.Duration;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Is nearly always in the middle of a transaction, fenced or not, so that a pause most likely strikes there. For the
 * measurement only.
 */
@MirroredChildType(SlowWriter.TYPE)
class SlowWriter implements ChildProcess {

    static final String TYPE = "slow-writer";

    private static final Duration TRANSACTION = Duration.ofMillis(100);

    private static final String WRITE =
            "insert into slow_write (child, token, fenced) values (:child, :token, :fenced)";

    /** The arguments in the child's spec. */
    record Arguments(boolean fenced) {}

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final WitnessWriter witness;
    private final Outages outages;

    SlowWriter(JdbcClient jdbc, TransactionTemplate transactions, WitnessWriter witness, Outages outages) {
        this.outages = outages;
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.witness = witness;
    }

    @Override
    public void run(ChildContext context) throws InterruptedException {
        boolean fenced = context.arguments(Arguments.class).fenced();
        witness.write(context.childId(), context.fencingToken(), Mark.BEGIN);
        try {
            while (!context.isStopping()) {
                if (context.mayRun()) {
                    witness.write(context.childId(), context.fencingToken(), Mark.TICK);
                    transaction(context, fenced);
                }
                context.sleep(Duration.ofMillis(1));
            }
        } finally {
            witness.write(context.childId(), context.fencingToken(), Mark.END);
        }
    }

    /**
     * A transaction that the server ended while this process was paused fails. The run that is then current tries it
     * again.
     */
    private void transaction(ChildContext context, boolean fenced) {
        try {
            if (fenced) {
                context.inFencedTransaction(() -> write(context, true));
            } else {
                transactions.executeWithoutResult(status -> write(context, false));
            }
            outages.over();
        } catch (DataAccessException | TransactionException e) {
            if (!context.isStopping()) {
                outages.noted(e);
            }
        }
    }

    private int write(ChildContext context, boolean fenced) {
        int rows = jdbc.sql(WRITE)
                .param("child", context.childId())
                .param("token", context.fencingToken())
                .param("fenced", fenced)
                .update();
        try {
            context.sleep(TRANSACTION);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return rows;
    }
}
