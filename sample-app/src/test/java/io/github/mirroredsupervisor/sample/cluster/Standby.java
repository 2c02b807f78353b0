package io.github.mirroredsupervisor.sample.cluster;

import io.github.mirroredsupervisor.sample.process.RunFolder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A server that follows an {@link LabDatabase}, from a copy of its data. */
final class Standby {

    /** Its application name in the replication connection. */
    static final String NAME = "standby";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EmbeddedPostgres server;
    private final Path data;

    private Standby(EmbeddedPostgres server, Path data) {
        this.server = server;
        this.data = data;
    }

    /** Copies the data of a stopped server. */
    static void copy(Path from, Path to) {
        try (Stream<Path> tree = Files.walk(from)) {
            for (Path path : tree.toList()) {
                Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot copy the data of the embedded PostgreSQL", e);
        }
    }

    static Standby start(RunFolder folder, Path data, LabDatabase primary) {
        try {
            Files.writeString(
                    data.resolve("postgresql.auto.conf"),
                    String.format(
                            Locale.ROOT,
                            "primary_conninfo = 'host=127.0.0.1 port=%d user=%s application_name=%s'%n",
                            primary.port(),
                            primary.getUsername(),
                            NAME),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING);
            Files.createFile(data.resolve("standby.signal"));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot set up a standby", e);
        }
        return new Standby(EmbeddedDatabase.start(EmbeddedDatabase.builder(folder), folder, data, 0), data);
    }

    void awaitFollowing(LabDatabase primary) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!primary.isFollowed()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("The standby does not follow");
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /**
     * Stops it, without waiting for what it has not yet received. May be called again. Returns the folder of its data.
     */
    Path stop() {
        try {
            server.close();
            return data;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stop the standby", e);
        }
    }
}
