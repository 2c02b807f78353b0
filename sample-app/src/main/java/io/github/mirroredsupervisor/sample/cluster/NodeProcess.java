package io.github.mirroredsupervisor.sample.cluster;

import io.github.mirroredsupervisor.sample.process.LogTail;
import io.github.mirroredsupervisor.sample.process.Signals;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One node: a process that can be disturbed and started again. Thread-safe. */
public final class NodeProcess {

    private static final int SIGTERM_EXIT = 128 + 15;
    private static final int SIGKILL_EXIT = 128 + 9;

    private final int number;
    private final int port;
    private final Path log;
    private final Supplier<ProcessBuilder> command;
    private final LongConsumer started;
    private final Consumer<Fault> faults;

    /** Guarded by this. */
    private @Nullable Process process;

    /** Guarded by this. */
    private NodeState state = NodeState.STOPPED;

    NodeProcess(
            int number,
            int port,
            Path log,
            Supplier<ProcessBuilder> command,
            LongConsumer started,
            Consumer<Fault> faults) {
        this.number = number;
        this.port = port;
        this.log = log;
        this.command = command;
        this.started = started;
        this.faults = faults;
    }

    public int number() {
        return number;
    }

    public String name() {
        return "node-" + number;
    }

    public int port() {
        return port;
    }

    /** The process id, also of the process that ended last; 0 before the first start. */
    public synchronized long pid() {
        return process == null ? 0 : process.pid();
    }

    public synchronized NodeState state() {
        if (process != null && process.isAlive()) {
            noticePause(process);
        }
        return state;
    }

    /** Whether there is a process, in whatever state. */
    public synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** The end of its log. */
    public String logTail() {
        return LogTail.of(log);
    }

    public Path log() {
        return log;
    }

    /**
     * Starts its process.
     *
     * @throws NodeStateException if its process lives
     */
    public synchronized void start() {
        if (process != null && process.isAlive()) {
            throw new NodeStateException("Cannot start " + name() + " while it is " + state);
        }
        try {
            ProcessBuilder.Redirect output = ProcessBuilder.Redirect.appendTo(log.toFile());
            Process born = command.get()
                    .redirectOutput(output)
                    .redirectErrorStream(true)
                    .start();
            started.accept(born.pid());
            process = born;
            state = NodeState.STARTING;
            var unused = born.onExit().thenAccept(this::ended);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + name(), e);
        }
    }

    /** It answered: it is up. */
    public synchronized void answered(long pid) {
        if (state == NodeState.STARTING && pid == pid()) {
            state = NodeState.RUNNING;
        }
    }

    /** SIGKILL. */
    public synchronized Fault kill() {
        Process victim =
                require("kill", Set.of(NodeState.STARTING, NodeState.RUNNING, NodeState.PAUSED, NodeState.STOPPING));
        Fault fault = fault(Fault.Kind.KILL, victim);
        victim.destroyForcibly();
        state = NodeState.KILLED;
        faults.accept(fault);
        return fault;
    }

    /** SIGSTOP. */
    public synchronized Fault pause() {
        Process victim = require("pause", Set.of(NodeState.RUNNING));
        Fault fault = fault(Fault.Kind.PAUSE, victim);
        Signals.pause(victim.pid());
        state = NodeState.PAUSED;
        faults.accept(fault);
        return fault;
    }

    /** SIGCONT. */
    public synchronized Fault resume() {
        Process victim = require("resume", Set.of(NodeState.PAUSED));
        Fault fault = fault(Fault.Kind.RESUME, victim);
        Signals.resume(victim.pid());
        state = NodeState.RUNNING;
        faults.accept(fault);
        return fault;
    }

    /** SIGTERM. */
    public synchronized Fault stop() {
        Process victim = require("stop", Set.of(NodeState.STARTING, NodeState.RUNNING));
        Fault fault = fault(Fault.Kind.STOP, victim);
        terminate(victim);
        state = NodeState.STOPPING;
        faults.accept(fault);
        return fault;
    }

    /** Tells a live process to end, whatever state it is in; a paused one is killed. */
    synchronized void end() {
        if (process != null && process.isAlive()) {
            if (state() == NodeState.PAUSED) {
                process.destroyForcibly();
            } else {
                terminate(process);
            }
            state = NodeState.STOPPING;
        }
    }

    /** Not {@link Process#destroy()}: that also closes the pipe by which the node knows that its parent lives. */
    private static void terminate(Process live) {
        live.toHandle().destroy();
    }

    /** Waits for the process to end, and kills it when that takes too long. */
    void awaitEnd(long deadlineNanos) {
        Process ending;
        synchronized (this) {
            ending = process;
        }
        try {
            if (ending != null && !ending.waitFor(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                ending.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Process require(String action, Set<NodeState> allowed) {
        if (process == null || !allowed.contains(state())) {
            throw new NodeStateException("Cannot " + action + " " + name() + " while it is " + state);
        }
        return process;
    }

    private Fault fault(Fault.Kind kind, Process victim) {
        return new Fault(kind, name(), victim.pid(), System.nanoTime());
    }

    private synchronized void ended(Process dead) {
        if (dead != process) {
            return;
        }
        boolean expected = state == NodeState.STOPPING || state == NodeState.KILLED;
        if (!expected) {
            faults.accept(fault(Fault.Kind.KILL, dead));
        }
        state = switch (state) {
            case KILLED -> NodeState.KILLED;
            case STOPPING -> NodeState.STOPPED;
            default -> stateAfter(dead.exitValue());
        };
        faults.accept(fault(Fault.Kind.ENDED, dead));
    }

    private static NodeState stateAfter(int exit) {
        return switch (exit) {
            case SIGKILL_EXIT -> NodeState.KILLED;
            case 0, SIGTERM_EXIT -> NodeState.STOPPED;
            default -> NodeState.FAILED;
        };
    }

    /** Somebody may have sent SIGSTOP or SIGCONT from a terminal. Seen on Linux; elsewhere only the buttons count. */
    private void noticePause(Process live) {
        Boolean stopped = Signals.isStopped(live.pid());
        if (stopped == null) {
            return;
        }
        if (stopped && state == NodeState.RUNNING) {
            state = NodeState.PAUSED;
            faults.accept(fault(Fault.Kind.PAUSE, live));
        } else if (!stopped && state == NodeState.PAUSED) {
            state = NodeState.RUNNING;
            faults.accept(fault(Fault.Kind.RESUME, live));
        }
    }
}
