package io.github.mirroredsupervisor.sample.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessReaderTests {

    @TempDir
    private Path folder;

    private WitnessReader reader;

    @BeforeEach
    void createReader() {
        reader = new WitnessReader(folder);
    }

    private void append(String file, String text) throws IOException {
        Files.writeString(folder.resolve(file), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test
    void readsWhatTheWriterWrites() throws IOException {
        try (WitnessWriter writer = new WitnessWriter("node-1", folder)) {
            writer.write("tenant-07", 12, Mark.BEGIN);
            writer.write("tenant-07", 12, Mark.END);
        }
        assertThat(reader.readNew())
                .extracting(WitnessLine::child, WitnessLine::token, WitnessLine::mark, WitnessLine::pid)
                .containsExactly(
                        tuple(
                                "tenant-07",
                                12L,
                                Mark.BEGIN,
                                ProcessHandle.current().pid()),
                        tuple(
                                "tenant-07",
                                12L,
                                Mark.END,
                                ProcessHandle.current().pid()));
    }

    @Test
    void writesAfterAnInterrupt() throws IOException {
        try (WitnessWriter writer = new WitnessWriter("node-1", folder)) {
            Thread.currentThread().interrupt();
            writer.write("a", 1, Mark.BEGIN);
            assertThat(Thread.interrupted()).isTrue();
            writer.write("a", 1, Mark.END);
        }
        assertThat(reader.readNew()).hasSize(2);
    }

    @Test
    void mergesFilesInTheOrderOfTheStamps() throws IOException {
        append("one.witness", "3 one 1 a 1 BEGIN\n5 one 1 a 1 END\n");
        append("two.witness", "4 two 2 b 2 BEGIN\n");
        assertThat(reader.readNew()).extracting(WitnessLine::nanos).containsExactly(3L, 4L, 5L);
    }

    @Test
    void readsEachLineOnceAndOnlyWhenItIsWhole() throws IOException {
        append("one.witness", "3 one 1 a 1 BEGIN\n4 one 1 a 1 TI");
        assertThat(reader.readNew()).extracting(WitnessLine::nanos).containsExactly(3L);
        assertThat(reader.readNew()).isEmpty();
        append("one.witness", "CK\n");
        assertThat(reader.readNew()).extracting(WitnessLine::mark).containsExactly(Mark.TICK);
    }

    @Test
    void passesOverWhatAKilledProcessLeftUnfinished() throws IOException {
        append("one.witness", "3 one 1 a 1 BEGIN\n4 one 1 a7 one 9 a 2 BEGIN\n8 one 9 a 2 TICK\n");
        assertThat(reader.readNew()).extracting(WitnessLine::nanos).containsExactly(3L, 8L);
    }
}
