package io.github.mirroredsupervisor.sample.measure.node;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.SupervisorEvent.PeerDeclaredDead;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** For the measurement only: starts and removes children that do nothing, and reports what they cost this node. */
@RestController
@RequestMapping("/idle")
@ConditionalOnBooleanProperty("lab.measured")
class IdleChildren {

    private final MirroredSupervisor supervisor;

    private volatile long lastDeath;

    IdleChildren(MirroredSupervisor supervisor) {
        this.supervisor = supervisor;
    }

    /** How long it took, in milliseconds, from the first call to the return of the last. */
    @PostMapping
    double start(@RequestParam int from, @RequestParam int to, @RequestParam int callers) throws Exception {
        return each(from, to, callers, id -> supervisor.startChild(ChildSpec.of(id, IdleChild.TYPE)));
    }

    @DeleteMapping
    double remove(@RequestParam int from, @RequestParam int to, @RequestParam int callers) throws Exception {
        return each(from, to, callers, supervisor::removeChild);
    }

    /** Starts the given number of children that write in fenced transactions, and as many that write in plain ones. */
    @PostMapping("/writers")
    void startWriters(@RequestParam int count) {
        for (boolean fenced : new boolean[] {true, false}) {
            for (int number = 1; number <= count; number++) {
                supervisor.startChild(ChildSpec.of((fenced ? "fenced-" : "plain-") + number, SlowWriter.TYPE)
                        .withArguments(Map.of("fenced", fenced)));
            }
        }
    }

    /** Starts a child that halts this node. */
    @PostMapping("/halting")
    void startHalting() {
        supervisor.startChild(ChildSpec.of(HaltingChild.TYPE, HaltingChild.TYPE));
    }

    @DeleteMapping("/halting")
    void removeHalting() {
        supervisor.removeChild(HaltingChild.TYPE);
    }

    private static double each(int from, int to, int callers, Consumer<String> call) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(callers);
        try {
            long began = System.nanoTime();
            List<Future<?>> calls = new ArrayList<>();
            IntStream.rangeClosed(from, to)
                    .forEach(number -> calls.add(executor.submit(() -> call.accept("idle-" + number))));
            for (Future<?> one : calls) {
                one.get();
            }
            return (System.nanoTime() - began) / 1e6;
        } finally {
            executor.shutdown();
        }
    }

    /**
     * What whichChildren returns.
     *
     * @param children how many there are
     * @param running how many of them run
     * @param millis how long each call took
     */
    record View(int children, long running, List<Double> millis) {}

    @GetMapping("/view")
    View view(@RequestParam int times) {
        List<Double> millis = new ArrayList<>();
        List<ChildInfo> children = List.of();
        for (int i = 0; i < times; i++) {
            long began = System.nanoTime();
            children = supervisor.whichChildren();
            millis.add((System.nanoTime() - began) / 1e6);
        }
        long running = children.stream()
                .filter(child -> child.phase() == Phase.RUNNING)
                .count();
        return new View(children.size(), running, millis);
    }

    /**
     * What this process uses.
     *
     * @param heapBytes the live heap
     * @param residentBytes the memory of the process, 0 if that is not known
     * @param platformThreads how many threads of the operating system
     */
    record Footprint(long heapBytes, long residentBytes, int platformThreads) {}

    @GetMapping("/footprint")
    Footprint footprint() throws IOException {
        System.gc();
        System.gc(); // collects what the first one only made unreachable
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        int threads = ManagementFactory.getThreadMXBean().getThreadCount();
        return new Footprint(heap, resident(), threads);
    }

    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        }
    }

    @EventListener
    void on(PeerDeclaredDead death) {
        lastDeath = System.nanoTime();
    }

    /** When, by {@link System#nanoTime()}, this node last declared another dead; 0 if it never did. */
    @GetMapping("/last-death")
    long lastDeath() {
        return lastDeath;
    }
}
