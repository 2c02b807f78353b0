package io.github.mirroredsupervisor.sample.measure.node;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import io.github.mirroredsupervisor.sample.witness.WitnessWriter;

/** Halts its process, as a crashing native library or a lack of memory does. For the measurement only. */
@MirroredChildType(HaltingChild.TYPE)
class HaltingChild implements ChildProcess {

    static final String TYPE = "halting";

    private final WitnessWriter witness;

    HaltingChild(WitnessWriter witness) {
        this.witness = witness;
    }

    @Override
    public void run(ChildContext context) {
        witness.write(context.childId(), context.fencingToken(), Mark.BEGIN);
        Runtime.getRuntime().halt(1);
    }
}
