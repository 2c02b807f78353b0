package io.github.mirroredsupervisor.sample.cluster;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The programs of a PostgreSQL, of which the server is started with a clock that can be set. */
final class ClockedPrograms implements PgBinaryResolver {

    /** They are unpacked to a folder in that folder. */
    private static final int DEPTH = 3;

    private final Path folder;

    /**
     * To be unpacked to that folder. What is unpacked for one resolver is not unpacked again, so this is one by itself.
     */
    ClockedPrograms(Path folder) {
        this.folder = folder;
    }

    @Override
    public InputStream getPgBinary(String system, String machineHardware) throws IOException {
        return DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machineHardware);
    }

    File folder() {
        return folder.toFile();
    }

    /** After they were unpacked: puts a script in the place of the server, which starts it. */
    void use(WallClock clock) {
        try (Stream<Path> tree = Files.find(folder, DEPTH, (path, file) -> path.endsWith("bin/postgres"))) {
            Path server = tree.findFirst().orElseThrow();
            Path genuine = Files.move(server, server.resolveSibling("postgres-itself"));
            Files.writeString(server, script(genuine, clock));
            Files.setPosixFilePermissions(server, Files.getPosixFilePermissions(genuine));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot give the server another clock", e);
        }
    }

    private static String script(Path genuine, WallClock clock) {
        String variables = clock.environment().entrySet().stream()
                .map(variable -> variable.getKey() + "='" + variable.getValue() + "'")
                .collect(Collectors.joining(" "));
        return "#!/bin/sh\nexec env " + variables + " '" + genuine + "' \"$@\"\n";
    }
}
