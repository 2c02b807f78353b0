package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.supervision.Effect;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The live runs by child id, at most one per child. Thread-safe. */
final class RunRegistry {

    private static final Logger log = LoggerFactory.getLogger(RunRegistry.class);

    private static final int SHOWN_FRAMES = 8;

    private final Map<String, ChildRun> live = new ConcurrentHashMap<>();
    private final RunEnvironment environment;
    private final ThreadFactory threads;
    private final Mailbox<Event> mailbox;

    RunRegistry(RunEnvironment environment, ThreadFactory threads, Mailbox<Event> mailbox) {
        this.environment = environment;
        this.threads = threads;
        this.mailbox = mailbox;
    }

    void carryOut(Effect.Order order) {
        LocalChild child = order.child();
        switch (order.act()) {
            case START -> start(child);
            case TELL -> tell(child, Objects.requireNonNull(order.reason()));
            case ASK_PROGRESS -> askProgress(child);
            case INTERRUPT -> force(child);
        }
    }

    private void start(LocalChild child) {
        String id = child.id();
        ChildRun run = new ChildRun(child, environment, mailbox, live);
        // Before the thread starts, so that a revocation finds the run. The run itself detects an earlier revocation.
        live.put(id, run);
        try {
            Thread thread = threads.newThread(run);
            if (thread == null) {
                throw new IllegalStateException("the thread factory for children refused a thread");
            }
            thread.setName(environment.group() + "/" + id + "#" + child.token());
            run.signal().bind(thread);
            thread.start();
        } catch (Throwable failure) {
            live.remove(id, run);
            mailbox.post(new Event.Ended(id, child.token(), Exit.thrownByInit(failure), null));
        }
    }

    private void tell(LocalChild child, StopReason reason) {
        ChildRun run = find(child);
        if (run != null) {
            run.signal().tell(reason);
            Thread thread = run.signal().thread();
            if (thread != null && isEndingItsProcess(thread)) {
                environment
                        .later()
                        .execute(() -> log.info(
                                "Child '{}' has called System.exit, which does not return: its run is over",
                                child.id()));
                run.end(Exit.stopped(null));
            }
        }
    }

    /**
     * A thread in {@code System.exit} waits for the shutdown hooks, and one of the hooks waits for the child to stop.
     * The thread never returns to the child's code, even when it is interrupted.
     */
    private static boolean isEndingItsProcess(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().equals("java.lang.Runtime")
                    && frame.getMethodName().equals("exit")) {
                return true;
            }
        }
        return false;
    }

    /** Tells every run to end, except those that may continue during an outage. Takes no lock; for the watchdog. */
    void tellAll(StopReason reason, boolean sparingContinue) {
        // Set all flags before any interrupt: interrupting a thread in blocking I/O closes its channel, which may be
        // slow.
        for (ChildRun run : live.values()) {
            if (!sparingContinue || run.spec().onOutage() != OutagePolicy.CONTINUE) {
                run.signal().flag(reason);
            }
        }
        for (ChildRun run : live.values()) {
            if (run.signal().told() == reason) {
                run.signal().rouse();
            }
        }
    }

    /** Reports the run's last sign of progress. */
    private void askProgress(LocalChild child) {
        ChildRun run = find(child);
        if (run != null) {
            mailbox.post(new Event.Progressed(
                    child.id(), child.token(), run.context().lastProgress()));
        }
    }

    /**
     * Interrupts a run that did not end in time, logs where it hangs, and closes the resources it registered for a
     * forced stop.
     */
    private void force(LocalChild child) {
        ChildRun run = find(child);
        Thread thread = run == null ? null : run.signal().thread();
        if (run == null || thread == null) {
            return;
        }
        StackTraceElement[] trace = thread.getStackTrace();
        run.signal().interrupt();
        run.context().closeResources();
        environment
                .later()
                .execute(() -> log.warn(
                        "Child '{}' did not end in time; its thread '{}' is at {}",
                        child.id(),
                        thread.getName(),
                        top(trace)));
    }

    /** Whether the calling thread is the child's current run. */
    boolean isRunByThisThread(String childId) {
        ChildRun run = live.get(childId);
        return run != null && run.signal().thread() == Thread.currentThread();
    }

    /** Whether the calling thread is the child's current run and still in its init. */
    boolean isInitOfThisThread(String childId) {
        ChildRun run = live.get(childId);
        return run != null && run.signal().thread() == Thread.currentThread() && !run.isInitialised();
    }

    int count() {
        return live.size();
    }

    /** The child's run under the child's token; null if it is over. */
    private @Nullable ChildRun find(LocalChild child) {
        ChildRun run = live.get(child.id());
        return run == null || run.ref().fencingToken() != child.token() ? null : run;
    }

    private static String top(StackTraceElement[] trace) {
        StringBuilder frames = new StringBuilder();
        for (int i = 0; i < Math.min(SHOWN_FRAMES, trace.length); i++) {
            frames.append(i == 0 ? "" : " < ").append(trace[i]);
        }
        return frames.toString();
    }
}
