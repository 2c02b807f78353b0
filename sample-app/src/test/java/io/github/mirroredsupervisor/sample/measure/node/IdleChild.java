package io.github.mirroredsupervisor.sample.measure.node;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import io.github.mirroredsupervisor.sample.witness.WitnessWriter;
import java.time.Duration;

/** Does nothing until it is stopped, so that only the cost of a child itself is measured. */
@MirroredChildType(IdleChild.TYPE)
class IdleChild implements ChildProcess {

    static final String TYPE = "idle";

    private static final Duration LONG = Duration.ofDays(1);

    private final WitnessWriter witness;

    IdleChild(WitnessWriter witness) {
        this.witness = witness;
    }

    @Override
    public void run(ChildContext context) throws InterruptedException {
        witness.write(context.childId(), context.fencingToken(), Mark.BEGIN);
        try {
            while (!context.isStopping()) {
                context.sleep(LONG);
            }
        } finally {
            witness.write(context.childId(), context.fencingToken(), Mark.END);
        }
    }
}
