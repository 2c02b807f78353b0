package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.internal.platform.Failures;
import io.github.mirroredsupervisor.internal.supervision.Effect;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.Exit;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
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
    private final long token;
    private final @Nullable LastExit previous;
    private final RunEnvironment environment;
    private final Consumer<Event> events;
    private final BiConsumer<String, ChildRun> onEnd;
    private final RunContext context;
    private boolean initialised;

    /**
     * Creates a run without starting it.
     *
     * @param onEnd removes the run from the registry, before its end is reported
     */
    ChildRun(
            Effect.StartRun start,
            RunEnvironment environment,
            Consumer<Event> events,
            BiConsumer<String, ChildRun> onEnd) {
        this.spec = start.spec();
        this.token = start.token();
        this.previous = start.previous();
        this.environment = environment;
        this.events = events;
        this.onEnd = onEnd;
        this.context = new RunContext(spec, token, environment, events);
    }

    ChildSpec spec() {
        return spec;
    }

    long token() {
        return token;
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
            CurrentRun.replace(context);
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
            MDC.put(MDC_TOKEN, Long.toString(token));
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
        events.accept(new Event.InitReturned(spec.id(), token));
    }

    boolean isAllowed() {
        return !context.isStopping() && environment.permitsStart();
    }

    Exit notRun() {
        context.decline(StopReason.PERMISSION_LOST);
        return Exit.stopped(null);
    }

    /**
     * Logs on the run's thread and not on the group's loop: formatting a failure calls the application's code, which
     * may fail too.
     */
    private void logFailure(Exit exit) {
        try {
            if (context.isStopping()) {
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
            context.end();
            CurrentRun.replace(null);
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
            onEnd.accept(spec.id(), this);
            events.accept(new Event.Ended(spec.id(), token, exit, context.told()));
            return true;
        } catch (Throwable exhausted) {
            return false;
        }
    }
}
