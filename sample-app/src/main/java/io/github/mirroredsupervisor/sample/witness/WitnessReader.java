package io.github.mirroredsupervisor.sample.witness;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Follows the witness files of a folder. Not thread-safe. */
public final class WitnessReader {

    private static final int CHUNK = 1 << 20;

    private final Path folder;
    private final Map<Path, Long> offsets = new HashMap<>();
    private List<WitnessLine> heldBack = List.of();

    public WitnessReader(Path folder) {
        this.folder = folder;
    }

    /**
     * The lines written since the last call, of all files, in the order of their stamps. What is written while it reads
     * is left for the next call, so that the order holds from call to call as well.
     */
    public List<WitnessLine> readNew() {
        long now = System.nanoTime();
        List<WitnessLine> lines = readOn();
        int known = lines.size();
        while (known > 0 && lines.get(known - 1).nanos() - now > 0) {
            known--;
        }
        heldBack = List.copyOf(lines.subList(known, lines.size()));
        return lines.subList(0, known);
    }

    /** The same if nobody writes any more, and whatever clock the stamps are of. */
    public List<WitnessLine> readRest() {
        List<WitnessLine> lines = readOn();
        heldBack = List.of();
        return lines;
    }

    private List<WitnessLine> readOn() {
        List<WitnessLine> lines = new ArrayList<>(heldBack);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                follow(file, lines);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the witness files in " + folder, e);
        }
        lines.sort(Comparator.comparingLong(WitnessLine::nanos));
        return lines;
    }

    private void follow(Path path, List<WitnessLine> lines) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            long end = file.length();
            for (long offset = offsets.getOrDefault(path, 0L); offset < end; ) {
                byte[] bytes = new byte[(int) Math.min(CHUNK, end - offset)];
                file.seek(offset);
                file.readFully(bytes);
                int whole = lastLineEnd(bytes);
                if (whole == 0) {
                    return;
                }
                new String(bytes, 0, whole, StandardCharsets.UTF_8)
                        .lines()
                        .forEach(line -> WitnessLine.parse(line).ifPresent(lines::add));
                offset += whole;
                offsets.put(path, offset);
            }
        }
    }

    private static int lastLineEnd(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }
}
