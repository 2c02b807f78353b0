package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that the checks need besides the witness files: what the nemesis did, and what was read from the database and
 * from the resource.
 *
 * @param title of the soak
 * @param children how many there are
 * @param feats what was done
 * @param unrest why it ended early; null if it did not
 * @param faults what happened to processes
 * @param deaths who was declared dead
 * @param rows for each child that shall run: its token and its owner's process
 * @param delivered the result of checking the deliveries
 * @param resource what the resource outside the database saw
 */
record Dossier(
        String title,
        int children,
        Feats feats,
        @Nullable String unrest,
        List<Fault> faults,
        List<Inquest.Death> deaths,
        Map<String, String> rows,
        AuditReport delivered,
        FencedResource.Report resource) {

    private static final String FILE = "dossier.json";
    private static final String WITNESS = "witness";

    /**
     * What the nemesis counted.
     *
     * @param kinds one line for each kind of trouble
     * @param strikes how many there were
     * @param ofKinds how many kinds there were among them
     * @param possibleKinds how many kinds are possible
     * @param takeovers lost processes whose children all ran elsewhere afterwards
     * @param moves children that moved
     * @param unexplained how many of these moved from a node that the strike did not concern
     * @param statementKills processes that died at a statement
     * @param failedStarts how often a node had to be started again because its start failed
     */
    record Feats(
            List<String> kinds,
            int strikes,
            int ofKinds,
            int possibleKinds,
            int takeovers,
            int moves,
            int unexplained,
            int statementKills,
            int failedStarts) {}

    /** Writes it beside a copy of the witness files, and replaces what was there. */
    void save(Path folder, Path witness) {
        try {
            Path copies = Files.createDirectories(folder.resolve(WITNESS));
            for (Path old : filesIn(copies)) {
                Files.delete(old);
            }
            for (Path file : filesIn(witness)) {
                Files.copy(file, copies.resolve(file.getFileName()));
            }
            Files.writeString(folder.resolve(FILE), JsonMapper.shared().writeValueAsString(this));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the dossier to " + folder, e);
        }
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /**
     * Reads what was saved.
     *
     * @throws InvalidArgumentException if there is none
     */
    static Dossier read(Path folder) {
        try {
            return JsonMapper.shared().readValue(Files.readString(folder.resolve(FILE)), Dossier.class);
        } catch (IOException | JacksonException e) {
            throw new InvalidArgumentException("No dossier of a soak can be read in " + folder + ": " + e.getMessage());
        }
    }

    /** The testimony of the witness files beside it. */
    Testimony testimony(Path folder) {
        return Testimony.of(folder.resolve(WITNESS), faults);
    }
}
