package io.github.mirroredsupervisor.sample.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A tiny process that outlives the launcher by a moment and leaves nothing of it behind.
 *
 * <p>The launcher tells it, line by line through a pipe, what there is. The pipe ends when the launcher does, however
 * that happens, and then the guardian kills the nodes that are left (a paused one cannot end itself), stops the
 * database and deletes the folder. Plain Java, so that it starts at once and needs next to no memory.
 */
public final class Guardian {

    static final String PROCESS = "process ";
    static final String SERVER = "server ";
    static final String FOLDER = "folder ";

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Processes to kill, with their start, so that a reused number is not mistaken for one of them. */
    private final Map<Long, Optional<Instant>> processes = new LinkedHashMap<>();

    private final Set<Path> servers = new LinkedHashSet<>();
    private @Nullable Path folder;

    private Guardian() {}

    /** Reads from standard input until it ends; then cleans up and returns. */
    public static void run() {
        new Guardian().guard(System.in);
    }

    private void guard(InputStream pipe) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(pipe, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                note(line);
            }
        } catch (IOException e) {
            System.err.println("The launcher's pipe broke: " + e.getMessage());
        }
        processes.forEach(Guardian::kill);
        servers.forEach(Guardian::stopServer);
        deleteFolder();
    }

    private void note(String line) {
        if (line.startsWith(PROCESS)) {
            long pid = Long.parseLong(line.substring(PROCESS.length()));
            processes.put(pid, startOf(pid));
        } else if (line.startsWith(SERVER)) {
            servers.add(Path.of(line.substring(SERVER.length())));
        } else if (line.startsWith(FOLDER)) {
            folder = Path.of(line.substring(FOLDER.length()));
        }
    }

    private static Optional<Instant> startOf(long pid) {
        return ProcessHandle.of(pid).flatMap(handle -> handle.info().startInstant());
    }

    private static void kill(long pid, Optional<Instant> start) {
        if (startOf(pid).equals(start)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private static void stopServer(Path server) {
        if (!Files.exists(server.resolve("postmaster.pid"))) {
            return;
        }
        try {
            long pid = Long.parseLong(
                    Files.readAllLines(server.resolve("postmaster.pid")).get(0).trim());
            Optional<ProcessHandle> postmaster = ProcessHandle.of(pid);
            if (postmaster.isPresent()) {
                stop(postmaster.get());
            }
        } catch (IOException | IllegalStateException | IllegalArgumentException | IndexOutOfBoundsException e) {
            System.err.println("Could not stop the database in " + server + ": " + e.getMessage());
        }
    }

    private static void stop(ProcessHandle postmaster) {
        if (Signals.available()) {
            // SIGQUIT: the server ends all its processes at once. SIGKILL would leave them and its shared memory
            // behind.
            Signals.send("QUIT", postmaster.pid());
        } else {
            postmaster.destroyForcibly();
        }
        try {
            postmaster.onExit().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            postmaster.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void deleteFolder() {
        if (folder != null) {
            RunFolder.delete(folder);
        }
    }
}
