package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.internal.platform.Failures;
import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One run of one child on its own thread: create, init, run, report. It catches everything that the application throws,
 * and its last action is to report its end.
 */
final class ChildRun implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(ChildRun.class);

    static final String MDC_GROUP = "mirrored.group";
    static final String MDC_CHILD = "mirrored.child";
    static final String MDC_TOKEN = "mirrored.token";

    private static final long REPORT_RETRY_NANOS = 50_000_000;

    private final ChildSpec spec;
    private final @Nullable LastExit previous;
    private final RunEnvironment environment;
    private final Mailbox<Event> mailbox;
    private final Map<String, ChildRun> live;
    private final FencedRun fenced;
    private final RunContext context;
    private boolean initialised;

    /**
     * Creates a run without starting it.
     *
     * @param child the child, with the token of this run and the end of the last one
     * @param live the runs of its supervisor: it removes itself from them before its end is reported
     */
    ChildRun(LocalChild child, RunEnvironment environment, Mailbox<Event> mailbox, Map<String, ChildRun> live) {
        this.spec = child.spec();
        this.previous = child.lastExit();
        this.environment = environment;
        this.mailbox = mailbox;
        this.live = live;
        // The owner as it is now, not on first use: a later incarnation of the peer does not own what this one was
        // granted.
        ChildRef ref = new ChildRef(environment.group(), spec.id(), child.token(), environment.owner());
        this.fenced = new FencedRun(ref, mailbox);
        this.context = new RunContext(spec, environment, fenced);
    }

    ChildSpec spec() {
        return spec;
    }

    ChildRef ref() {
        return fenced.ref();
    }

    StopSignal signal() {
        return fenced.signal();
    }

    private long token() {
        return ref().fencingToken();
    }

    /** Whether init has returned. For the run's own thread. */
    boolean isInitialised() {
        return initialised;
    }

    RunContext context() {
        return context;
    }

    @Override
    public void run() {
        Exit exit = Exit.stopped(null);
        try {
            RunContext.setCurrent(context);
            exit = execute();
            logFailure(exit);
        } finally {
            end(exit);
        }
    }

    private Exit execute() {
        ChildProcess process;
        try {
            MDC.put(MDC_GROUP, environment.group());
            MDC.put(MDC_CHILD, spec.id());
            MDC.put(MDC_TOKEN, Long.toString(token()));
            if (!isAllowed()) {
                return notRun();
            }
            process = Objects.requireNonNull(environment.create(spec), "the child's factory returned null");
            // Creating the process may have taken long.
            if (!isAllowed()) {
                return notRun();
            }
            process.init(context);
        } catch (Throwable failure) {
            return Exit.thrownByInit(failure);
        }
        // Call run even if the child was told to stop during init: only run can close what init opened.
        try {
            initReturned();
            process.run(context);
            return Exit.returned();
        } catch (Throwable failure) {
            return Exit.thrownByRun(failure);
        }
    }

    /** From now on the child counts as running. */
    void initReturned() {
        initialised = true;
        mailbox.post(new Event.InitReturned(spec.id(), token()));
    }

    boolean isAllowed() {
        return !signal().isStopping() && environment.permitsStart();
    }

    Exit notRun() {
        signal().decline(StopReason.PERMISSION_LOST);
        return Exit.stopped(null);
    }

    /**
     * Logs on the run's thread and not on the group's loop: formatting a failure calls the application's code, which
     * may fail too.
     */
    private void logFailure(Exit exit) {
        try {
            if (signal().isStopping()) {
                logFailedStop(exit);
            } else if (exit.kind() == LastExit.Kind.CRASH) {
                logUnlessRepeated("crashed", exit);
            } else if (exit.kind() == LastExit.Kind.START_FAILED) {
                logUnlessRepeated("failed to start", exit);
            }
        } catch (Throwable unprintable) {
            log.warn("Child '{}' threw what cannot be printed", spec.id());
        }
    }

    private void logFailedStop(Exit exit) {
        if (exit.failure() != null && !(exit.failure() instanceof InterruptedException)) {
            log.debug("Child '{}' ended its stop with an exception", spec.id(), Failures.printable(exit.failure()));
        }
    }

    private void logUnlessRepeated(String act, Exit exit) {
        Throwable failure = exit.failure() == null ? null : Failures.printable(exit.failure());
        boolean repeated =
                previous != null && previous.kind() == exit.kind() && Objects.equals(previous.reason(), exit.reason());
        if (repeated) {
            log.debug("Child '{}' {} as before", spec.id(), act, failure);
        } else {
            log.warn("Child '{}' {}", spec.id(), act, failure);
        }
    }

    /** The run is over: this thread runs no more application code. */
    void end(Exit exit) {
        try {
            signal().end();
            RunContext.setCurrent(null);
            MDC.remove(MDC_GROUP);
            MDC.remove(MDC_CHILD);
            MDC.remove(MDC_TOKEN);
        } catch (Throwable unexpected) {
            // A broken logging back-end must not prevent the report below.
        }
        while (!isReported(exit)) {
            LockSupport.parkNanos(REPORT_RETRY_NANOS);
        }
    }

    /**
     * Without this report the child would count as alive for ever, so it must not be lost, not even when memory is
     * short.
     */
    private boolean isReported(Exit exit) {
        try {
            live.remove(spec.id(), this);
            mailbox.post(new Event.Ended(spec.id(), token(), exit, signal().told()));
            return true;
        } catch (Throwable exhausted) {
            return false;
        }
    }
}
