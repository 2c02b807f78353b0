package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A child that ends its process: the shutdown hook waits for the child, and the child waits in {@code System.exit} for
 * the hooks.
 */
class SystemExitTests {

    private static final int STATUS = 3;

    /** The process. */
    static final class Application {

        private Application() {}

        public static void main(String[] database) {
            TestCluster cluster = new TestCluster(new Database(database[0], database[1], database[2]));
            cluster.type("leaver", label -> context -> System.exit(STATUS));
            TestCluster.TestPeer peer = cluster.start("leaver");
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> peer.peer.stop().join()));
            // Without this, the hook would wait for the child for ever.
            peer.supervisor.startChild(ChildSpec.of("c", "leaver").withShutdown(new Shutdown.Infinity()));
        }
    }

    @Test
    void aChildThatCallsSystemExitIsOverAndItsPeerLeaves(@TempDir Path folder) throws Exception {
        Database database = TestPostgres.migratedDatabase();
        Path output = folder.resolve("output.txt");
        Process process = start(database, output);
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ended").isTrue();
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(said).isEqualTo(STATUS);
        assertThat(said).contains("has left").doesNotContain("does not leave").doesNotContain("did not end in time");
        assertThat(database.jdbc()
                        .sql("select state from mirrored_supervisor.peer")
                        .query(String.class)
                        .list())
                .containsExactly("LEFT");
        assertThat(database.jdbc()
                        .sql("select phase from mirrored_supervisor.child where owner is null")
                        .query(String.class)
                        .list())
                .as("handed over for another peer")
                .containsExactly("ORPHANED");
    }

    private static Process start(Database database, Path output) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Application.class.getName(),
                database.jdbcUrl(),
                database.username(),
                database.password());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }
}
