package io.github.mirroredsupervisor.sample.cluster;

import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import io.github.mirroredsupervisor.sample.process.JavaCommand;
import io.github.mirroredsupervisor.sample.process.RunFolder;
import io.github.mirroredsupervisor.sample.process.Signals;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The nodes of one launcher, numbered from 1. Thread-safe. */
public final class Cluster implements AutoCloseable {

    /** Without room for its classes a node would collect all garbage twice while it starts. */
    private static final List<String> JVM_OPTIONS = List.of(
            "-Xmx256m",
            "-Xss512k",
            "-XX:MetaspaceSize=96m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError");

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Path witness;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final List<Consumer<Fault>> listeners = new CopyOnWriteArrayList<>();

    public Cluster(ClusterSpec spec, DatabaseServer database, NodeCustomizer customizer, GuardianProcess guardian) {
        RunFolder folder = guardian.folder();
        this.witness = folder.witness();
        List<String> jvmOptions = new ArrayList<>(JVM_OPTIONS);
        jvmOptions.add("-Djava.io.tmpdir=" + folder.root()); // a process that is killed cleans up nothing
        for (int number = 1; number <= spec.nodes(); number++) {
            int node = number;
            int port = spec.basePort() + number - 1;
            List<String> connections = new ArrayList<>(database.nodeProperties());
            connections.addAll(customizer.properties(number, database));
            List<String> arguments = spec.nodeArguments(number, port, witness, folder.root(), connections);
            nodes.add(new NodeProcess(
                    number,
                    port,
                    folder.logs().resolve("node-" + number + ".log"),
                    () -> JavaCommand.of(spec.mainClass(), jvmOptions, arguments, customizer.environment(node)),
                    guardian::process,
                    fault -> listeners.forEach(listener -> listener.accept(fault))));
        }
    }

    public List<NodeProcess> nodes() {
        return List.copyOf(nodes);
    }

    /**
     * The node of that number.
     *
     * @throws NoSuchElementException if there is none of that number
     */
    public NodeProcess node(int number) {
        if (number < 1 || number > nodes.size()) {
            throw new NoSuchElementException("There is no node " + number);
        }
        return nodes.get(number - 1);
    }

    /** The folder of the nodes' witness files. */
    public Path witness() {
        return witness;
    }

    /** Whether nodes can be paused and stopped in good order: not on Windows. */
    public boolean hasSignals() {
        return Signals.available();
    }

    /** The listener is called in the thread that disturbs a node, or in one that notices its end. */
    public void onFault(Consumer<Fault> listener) {
        listeners.add(listener);
    }

    public void startAll() {
        nodes.forEach(NodeProcess::start);
    }

    /** Looks which of the starting nodes answer by now. */
    public void probe() {
        for (NodeProcess node : nodes) {
            long pid = node.pid();
            if (node.state() == NodeState.STARTING && NodeProbe.answers(node.port())) {
                node.answered(pid);
            }
        }
    }

    /** Ends all nodes, in good order if they do so in time. */
    @Override
    public void close() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        nodes.forEach(NodeProcess::end);
        nodes.forEach(node -> node.awaitEnd(deadline));
    }
}
