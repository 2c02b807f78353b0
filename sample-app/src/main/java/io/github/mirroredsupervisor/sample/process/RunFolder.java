package io.github.mirroredsupervisor.sample.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Everything that one run of the launcher writes: the database's files, logs and the witness. Gone when it ends. */
public record RunFolder(Path root) {

    private static final int ATTEMPTS = 50;

    static RunFolder create() {
        try {
            RunFolder folder = new RunFolder(Files.createTempDirectory("outbox-relay-"));
            Files.createDirectory(folder.logs());
            Files.createDirectory(folder.witness());
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create a folder for temporary files", e);
        }
    }

    public Path data() {
        return root.resolve("data");
    }

    public Path logs() {
        return root.resolve("logs");
    }

    public Path witness() {
        return root.resolve("witness");
    }

    /** Deletes a folder and what is in it. Dying processes may still write to it, so it tries for a while. */
    static void delete(Path folder) {
        for (int attempt = 0; attempt < ATTEMPTS && Files.exists(folder); attempt++) {
            if (!deleteOnce(folder)) {
                pause();
            }
        }
    }

    private static boolean deleteOnce(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
            return true;
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
