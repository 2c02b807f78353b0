package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run as its fence sees it: it may turn out not to be the current one. Thread-safe. */
public final class FencedRun {

    private static final Logger log = LoggerFactory.getLogger(FencedRun.class);

    private final ChildRef ref;
    private final Mailbox<Event> mailbox;
    private final StopSignal signal = new StopSignal();

    /**
     * A run that was not told to end.
     *
     * @param mailbox of its supervisor
     */
    public FencedRun(ChildRef ref, Mailbox<Event> mailbox) {
        this.ref = ref;
        this.mailbox = mailbox;
    }

    /** The values that the child's row must have while this run is the current one. */
    public ChildRef ref() {
        return ref;
    }

    /**
     * The row has other values: tells the run to end. Called after the refused transaction, so that nothing interrupts
     * its rollback.
     */
    public void foundStale() {
        log.warn(
                "Child '{}' was refused a transaction: its run {} is not the present one any more, and is told to stop",
                ref.childId(),
                ref.fencingToken());
        end(StopReason.NOT_OWNED);
    }

    StopSignal signal() {
        return signal;
    }

    /** Tells the run to end, then reports it to the supervisor. */
    void end(StopReason reason) {
        signal.tell(reason);
        mailbox.post(new Event.Told(ref.childId(), ref.fencingToken(), reason));
    }
}
