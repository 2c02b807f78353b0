package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.internal.supervision.Effect;
import io.github.mirroredsupervisor.internal.supervision.SupervisionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out the effects of the core. A failure of the listener is logged and not passed on. */
record EffectPerformer(RunRegistry runs, TransitionLog transitions, SupervisionListener listener)
        implements Effect.Performer {

    private static final Logger log = LoggerFactory.getLogger(LocalSupervisor.class);

    @Override
    public void start(Effect.StartRun start) {
        runs.start(start);
    }

    @Override
    public void tell(Effect.TellRun tell) {
        runs.tell(tell.childId(), tell.token(), tell.reason());
    }

    @Override
    public void askProgress(Effect.AskProgress ask) {
        runs.askProgress(ask.childId(), ask.token());
    }

    @Override
    public void interrupt(Effect.InterruptRun interrupt) {
        runs.force(interrupt.childId(), interrupt.token());
    }

    @Override
    public void announce(Effect.Notice notice) {
        transitions.log(notice); // before the listener publishes anything
        try {
            notice.tell(listener);
        } catch (Throwable failure) {
            // The notice itself is not printed: its spec's arguments may be secret.
            log.error(
                    "[{}] the listener failed at {}",
                    transitions.group(),
                    notice.getClass().getSimpleName(),
                    failure);
        }
    }
}
