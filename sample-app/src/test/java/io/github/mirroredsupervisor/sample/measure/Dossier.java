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
 * All that the checks need besides the witness files: what the nemesis did, and what the database and the resource
 * said.
 *
 * @param title of the soak
 * @param children how many there are
 * @param feats what was done
 * @param unrest why it ended early; null if it did not
 * @param faults what happened to processes
 * @param deaths who was declared dead
 * @param rows for each child that is to run its token and the process of its owner
 * @param delivered what came of checking the deliveries
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
     * @param kinds what there is to say of each kind of trouble
     * @param strikes how many there were
     * @param ofKinds of so many kinds
     * @param possibleKinds of so many that there can be
     * @param takeovers processes that were lost and whose children then all ran elsewhere
     * @param moves children that moved
     * @param unexplained of those the ones whose node the strike did not concern
     * @param statementKills processes that died at a statement
     * @param failedStarts how often a node had to be started again
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

    /** Writes it beside a copy of the witness files, in the place of what was there. */
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

    /** What the witness files beside it say. */
    Testimony testimony(Path folder) {
        return Testimony.of(folder.resolve(WITNESS), faults);
    }
}
