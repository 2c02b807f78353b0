package io.github.mirroredsupervisor.sample.witness;

import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes one node's witness file: each line is one write in append mode, so that it survives the death of the process
 * and is whole. Thread-safe.
 */
public final class WitnessWriter implements AutoCloseable {

    private final String peer;
    private final long pid = ProcessHandle.current().pid();

    /** Null if nobody wants a witness. A stream and not a channel: interrupting a child would close a channel. */
    private final @Nullable FileOutputStream file;

    /**
     * @param peer the node's name; also the file's
     * @param folder where the file is; null for none
     */
    public WitnessWriter(String peer, @Nullable Path folder) {
        this.peer = peer;
        this.file = folder == null ? null : open(folder, peer);
    }

    private static FileOutputStream open(Path folder, String peer) {
        try {
            Files.createDirectories(folder);
            return new FileOutputStream(folder.resolve(peer + ".witness").toFile(), true);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the witness file in " + folder, e);
        }
    }

    public void write(String child, long token, Mark mark) {
        long now = System.nanoTime(); // before the first line makes the JVM load what formats it
        if (file == null) {
            return;
        }
        String line = new WitnessLine(now, peer, pid, child, token, mark).format() + "\n";
        try {
            file.write(line.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the witness file of " + peer, e);
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
