package io.github.mirroredsupervisor.sample.node;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.SupervisorEvent.ChildAbandoned;
import io.github.mirroredsupervisor.SupervisorEvent.ChildExited;
import io.github.mirroredsupervisor.SupervisorEvent.ChildStarted;
import io.github.mirroredsupervisor.SupervisorEvent.ChildStopped;
import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import io.github.mirroredsupervisor.sample.witness.WitnessWriter;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Tells the launcher's page when a run begins and ends here, from the library's events. */
@Component
class RunRecorder implements AutoCloseable {

    private final WitnessWriter witness;

    RunRecorder(NodeProperties node, @Value("${mirrored-supervisor.label:node}") String label) {
        this.witness = new WitnessWriter(label, node.witnessDir());
    }

    @EventListener
    void on(ChildStarted started) {
        write(started.child(), Mark.BEGIN);
    }

    @EventListener
    void on(ChildExited exited) {
        write(exited.child(), Mark.END);
    }

    @EventListener
    void on(ChildStopped stopped) {
        write(stopped.child(), Mark.END);
    }

    @EventListener
    void on(ChildAbandoned abandoned) {
        write(abandoned.child(), Mark.END);
    }

    private void write(ChildRef child, Mark mark) {
        witness.write(child.childId(), child.fencingToken(), mark);
    }

    @Override
    public void close() throws java.io.IOException {
        witness.close();
    }
}
