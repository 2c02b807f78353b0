package io.github.mirroredsupervisor.sample.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The wall clock of one process and its children, which can be set while they run. Their monotonic clock is not
 * changed. Needs libfaketime. Thread-safe.
 */
public final class WallClock {

    /** The folder of libraries has a subfolder for each architecture. */
    private static final int DEPTH = 3;

    private static final @Nullable Path LIBRARY = find();

    private final Path file;

    /** A correct clock. Its setting is in the given file, which the processes read. */
    public WallClock(Path file) {
        this.file = file;
        set(Duration.ZERO);
    }

    /** Whether libfaketime is installed. */
    public static boolean available() {
        return LIBRARY != null;
    }

    private static @Nullable Path find() {
        Path root = Path.of("/usr/lib");
        if (!Files.isDirectory(root)) {
            return null;
        }
        try (Stream<Path> found = Files.find(root, DEPTH, (path, file) -> path.endsWith("faketime/libfaketime.so.1"))) {
            return found.findFirst().orElse(null);
        } catch (IOException | UncheckedIOException e) {
            return null;
        }
    }

    /** Sets it that far ahead of the machine's clock, or behind it if negative. */
    public void set(Duration ahead) {
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, String.format(Locale.ROOT, "%+.3f%n", ahead.toMillis() / 1000.0));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE); // a process may be reading it
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot set a clock", e);
        }
    }

    /** The variables for the process's environment. Waits by the monotonic clock are not affected. */
    public Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD", String.valueOf(LIBRARY),
                "FAKETIME_TIMESTAMP_FILE", file.toString(),
                "FAKETIME_NO_CACHE", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                "FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }
}
