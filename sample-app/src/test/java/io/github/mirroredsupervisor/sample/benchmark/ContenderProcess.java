package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.benchmark.contender.ContenderApplication;
import io.github.mirroredsupervisor.sample.process.JavaCommand;
import io.github.mirroredsupervisor.sample.process.LogTail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * One process of a trial.
 *
 * @param peer its name in the witness
 * @param process the process
 * @param log the file of its output
 */
record ContenderProcess(String peer, Process process, Path log) {

    /** With the JVM's default options. */
    static ContenderProcess start(Class<?> mainClass, String peer, List<String> arguments, Path log) {
        try {
            Process process = JavaCommand.of(mainClass, List.of(), arguments, Map.of())
                    .redirectOutput(log.toFile())
                    .redirectErrorStream(true)
                    .start();
            return new ContenderProcess(peer, process, log);
        } catch (IOException e) {
            throw new BenchmarkException("Cannot start a process", e);
        }
    }

    long pid() {
        return process.pid();
    }

    OptionalLong megabytes() {
        return ContenderApplication.residentMegabytes(pid());
    }

    void kill() {
        process.destroyForcibly();
    }

    void terminate() {
        process.toHandle().destroy();
    }

    /** Whether it ended within that time. */
    boolean awaitEnd(Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The processor time that it has used. */
    Duration processorTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** The bytes that it has read and written, those of its connections included; empty where no file tells. */
    OptionalLong bytes() {
        try {
            return OptionalLong.of(Files.readAllLines(Path.of("/proc", Long.toString(pid()), "io")).stream()
                    .filter(line -> line.startsWith("rchar:") || line.startsWith("wchar:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    String logTail() {
        return peer + ":\n" + LogTail.of(log);
    }
}
