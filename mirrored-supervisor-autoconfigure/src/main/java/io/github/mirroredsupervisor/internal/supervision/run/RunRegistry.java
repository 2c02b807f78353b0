package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.internal.supervision.Effect;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.Exit;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
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
    private final Consumer<Event> events;

    RunRegistry(RunEnvironment environment, ThreadFactory threads, Consumer<Event> events) {
        this.environment = environment;
        this.threads = threads;
        this.events = events;
    }

    void start(Effect.StartRun start) {
        String id = start.spec().id();
        ChildRun run = new ChildRun(start, environment, events, live::remove);
        // Before the thread starts, so that a revocation finds the run. The run itself detects an earlier revocation.
        live.put(id, run);
        try {
            Thread thread = threads.newThread(run);
            if (thread == null) {
                throw new IllegalStateException("the thread factory for children refused a thread");
            }
            thread.setName(environment.group() + "/" + id + "#" + start.token());
            run.context().bind(thread);
            thread.start();
        } catch (Throwable failure) {
            live.remove(id, run);
            events.accept(new Event.Ended(id, start.token(), Exit.thrownByInit(failure), null));
        }
    }

    void tell(String childId, long token, StopReason reason) {
        ChildRun run = find(childId, token);
        if (run != null) {
            run.context().tell(reason);
            Thread thread = run.context().thread();
            if (thread != null && isEndingItsProcess(thread)) {
                environment.later(() ->
                        log.info("Child '{}' has called System.exit, which does not return: its run is over", childId));
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
                run.context().flag(reason);
            }
        }
        for (ChildRun run : live.values()) {
            if (run.context().told() == reason) {
                run.context().rouse();
            }
        }
    }

    /** Reports the run's last sign of progress. */
    void askProgress(String childId, long token) {
        ChildRun run = find(childId, token);
        if (run != null) {
            events.accept(new Event.Progressed(childId, token, run.context().lastProgress()));
        }
    }

    /**
     * Interrupts a run that did not end in time, logs where it hangs, and closes the resources it registered for a
     * forced stop.
     */
    void force(String childId, long token) {
        ChildRun run = find(childId, token);
        Thread thread = run == null ? null : run.context().thread();
        if (run == null || thread == null) {
            return;
        }
        StackTraceElement[] trace = thread.getStackTrace();
        run.context().interrupt();
        run.context().closeResources();
        environment.later(() -> log.warn(
                "Child '{}' did not end in time; its thread '{}' is at {}", childId, thread.getName(), top(trace)));
    }

    /** Whether the calling thread is the child's current run. */
    boolean isRunByThisThread(String childId) {
        ChildRun run = live.get(childId);
        return run != null && run.context().thread() == Thread.currentThread();
    }

    /** Whether the calling thread is the child's current run and still in its init. */
    boolean isInitOfThisThread(String childId) {
        ChildRun run = live.get(childId);
        return run != null && run.context().thread() == Thread.currentThread() && !run.isInitialised();
    }

    int count() {
        return live.size();
    }

    private @Nullable ChildRun find(String childId, long token) {
        ChildRun run = live.get(childId);
        return run == null || run.token() != token ? null : run;
    }

    private static String top(StackTraceElement[] trace) {
        StringBuilder frames = new StringBuilder();
        for (int i = 0; i < Math.min(SHOWN_FRAMES, trace.length); i++) {
            frames.append(i == 0 ? "" : " < ").append(trace[i]);
        }
        return frames.toString();
    }
}
